package dev.pantorch.metrics;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// What is computed element by element from predictions and targets.
///
/// **Shape.** Predictions and targets any, and the same.
public abstract sealed class RegressionMetric implements Metric permits R2Score, MeanErrorMetric {
  RegressionMetric() {}

  @Override
  public final void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Batch(double[] predicted, double[] wanted, boolean @Nullable [] mask) {}
    Inputs.same("predictions", predictions, targets);
    Batch batch =
        Inputs.read(() ->
            new Batch(
                Inputs.doubles(predictions), Inputs.doubles(targets), Inputs.mask(mask, targets)));
    for (int i = 0; i < batch.wanted.length; i++) {
      if (batch.mask == null || batch.mask[i]) add(batch.predicted[i], batch.wanted[i]);
    }
  }

  abstract void add(double prediction, double target);
}
