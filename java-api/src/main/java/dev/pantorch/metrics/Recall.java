package dev.pantorch.metrics;

import java.util.function.Consumer;

/// Of what is of a class, the share that was predicted as it: $TP / (TP + FN)$.
///
/// ```java
/// var recall = new Recall(3, o -> o.average(Average.MACRO));
/// recall.update(logits, classes); // (32, 3), (32)
/// double[] each = recall.perClass();
/// ```
public final class Recall extends AveragedMetric {
  /// For binary predictions.
  public Recall() {
    this(o -> {});
  }

  /// For binary predictions.
  ///
  /// @param options what differs from the defaults
  public Recall(Consumer<Options> options) {
    super(options);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public Recall(long numClasses) {
    this(numClasses, o -> {});
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  /// @param options what differs from the defaults
  public Recall(long numClasses, Consumer<Options> options) {
    super(numClasses, options);
  }

  @Override
  double figure(double truePositives, double predicted, double support) {
    return divide(truePositives, support);
  }
}
