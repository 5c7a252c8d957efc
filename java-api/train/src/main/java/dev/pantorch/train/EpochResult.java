package dev.pantorch.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What came out of an epoch.
///
/// ```java
/// class Printer implements Callback {
///   @Override
///   public void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {
///     System.out.println(epoch.epoch() + ": " + epoch.figures().get("val_loss"));
///   }
/// }
/// ```
///
/// @param epoch its number, from 1
/// @param figures by name: `loss`, then `val_loss` and the metrics as `val_accuracy`, then `lr`,
///   the learning rate of the first parameter group in this epoch's last step
public record EpochResult(int epoch, SequencedMap<String, Double> figures) {
  /// Copies the figures.
  public EpochResult {
    figures = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(figures));
  }

  EpochResult(int epoch, Map<String, Double> figures) {
    this(epoch, new LinkedHashMap<>(figures));
  }
}
