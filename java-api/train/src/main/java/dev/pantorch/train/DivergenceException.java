package dev.pantorch.train;

import dev.pantorch.TorchException;
import org.jspecify.annotations.Nullable;

/// A loss or a gradient was not finite any more. The message says when, where it came from, and
/// what to do:
///
/// ```text
/// Training diverged in epoch 1, batch 3 (step 3): the loss is nan.
/// First not finite: the output of fc (Linear).
/// What to do: lower the learning rate (now 10.0), clip gradients (clipGradNorm(1.0)), ...
/// ```
///
/// The model has not been updated with it. Earlier checkpoints are still there.
public final class DivergenceException extends TorchException {
  private static final long serialVersionUID = 1L;

  private final int epoch;
  private final long batch;
  private final long step;
  private final @Nullable String layer;

  DivergenceException(Position position, String what, Divergence.Finding finding) {
    super(
        "Training diverged in epoch %d, batch %d (step %d): %s.%nFirst not finite: %s.%nWhat to do: %s."
            .formatted(
                position.epoch(),
                position.batch(),
                position.step(),
                what,
                finding.where(),
                finding.remedy())
            .replace(System.lineSeparator(), "\n"));
    this.epoch = position.epoch();
    this.batch = position.batch();
    this.step = position.step();
    this.layer = finding.layer();
  }

  /// When it happened.
  ///
  /// @param epoch from 1
  /// @param batch within the epoch, from 1
  /// @param step the optimizer step over all epochs that it was to be, from 1
  record Position(int epoch, long batch, long step) {}

  /// In which epoch.
  ///
  /// @return its number, from 1
  public int epoch() {
    return epoch;
  }

  /// In which batch of the epoch.
  ///
  /// @return its number, from 1
  public long batch() {
    return batch;
  }

  /// Which optimizer step over all epochs it was to be.
  ///
  /// @return its number, from 1
  public long step() {
    return step;
  }

  /// The path of the module whose output or gradient, or of the parameter that was not finite
  /// first.
  ///
  /// @return as in {@link dev.pantorch.nn.Module#namedModules}; null where it is the batch or the
  ///   loss itself
  public @Nullable String layer() {
    return layer;
  }
}
