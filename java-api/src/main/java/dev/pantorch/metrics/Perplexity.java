package dev.pantorch.metrics;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The exponential of the mean negative log likelihood of the targets.
///
/// ```java
/// var perplexity = new Perplexity(0L); // class 0 is padding
/// perplexity.update(logits, words); // (32, 10, 1000), (32, 10)
/// double figure = perplexity.compute();
/// ```
///
/// **Shape.** Logits $(..., C)$, classes last as language models give them; targets $(...)$.
public final class Perplexity implements Metric {
  private final @Nullable Long ignoreIndex;
  private double sum;
  private long count;

  /// Counts every target.
  public Perplexity() {
    this(null);
  }

  /// Counts all targets but one.
  ///
  /// @param ignoreIndex the target that does not count, or null
  public Perplexity(@Nullable Long ignoreIndex) {
    this.ignoreIndex = ignoreIndex;
  }

  @Override
  public void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Batch(double[] logLikelihoods, long[] wanted, boolean @Nullable [] mask) {}
    long[] shape = predictions.shape();
    if (shape.length == 0
        || !Arrays.equals(Arrays.copyOf(shape, shape.length - 1), targets.shape())) {
      throw new ShapeException(
          "Expected logits of shape (..., C) and targets of shape (...), but got %s and %s"
              .formatted(Arrays.toString(shape), Arrays.toString(targets.shape())));
    }
    Batch batch =
        Inputs.read(() -> {
          boolean[] counted = Inputs.mask(mask, targets);
          Tensor wanted = targets.to(DType.INT64);
          Tensor safe = wanted;
          // What does not count may be no class at all, and gather would refuse it.
          if (mask != null) safe = safe.maskedFill(mask.logicalNot(), 0);
          if (ignoreIndex != null) safe = safe.maskedFill(wanted.eq(ignoreIndex), 0);
          Tensor logs = predictions.to(DType.FLOAT64).logSoftmax(-1);
          return new Batch(
              logs.gather(-1, safe.unsqueeze(-1)).toDoubleArray(), wanted.toLongArray(), counted);
        });
    for (int i = 0; i < batch.wanted.length; i++) {
      if (batch.mask != null && !batch.mask[i]) continue;
      if (ignoreIndex != null && batch.wanted[i] == ignoreIndex) continue;
      sum -= batch.logLikelihoods[i];
      count++;
    }
  }

  /// Adds a loss that is known already.
  ///
  /// @param meanLoss the mean negative log likelihood, in nats
  /// @param targets over how many targets
  public void updateLoss(double meanLoss, long targets) {
    sum += meanLoss * targets;
    count += targets;
  }

  @Override
  public double compute() {
    return Math.exp(sum / count);
  }

  @Override
  public void reset() {
    sum = 0;
    count = 0;
  }
}
