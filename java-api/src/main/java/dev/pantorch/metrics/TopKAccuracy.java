package dev.pantorch.metrics;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import org.jspecify.annotations.Nullable;

/// The share of targets that are among the k classes with the highest scores.
///
/// ```java
/// var top3 = new TopKAccuracy(10, 3);
/// top3.update(logits, classes); // (32, 10), (32)
/// double share = top3.compute();
/// ```
///
/// **Shape.** Scores $(N, C, ...)$, targets $(N, ...)$.
public final class TopKAccuracy implements Metric {
  private final long classes;
  private final long k;
  private final @Nullable Long ignoreIndex;
  private long right;
  private long total;

  /// Counts every target.
  ///
  /// @param numClasses how many classes
  /// @param k how many guesses each has
  public TopKAccuracy(long numClasses, long k) {
    this(numClasses, k, null);
  }

  /// Counts all targets but one.
  ///
  /// @param numClasses how many classes
  /// @param k how many guesses each has
  /// @param ignoreIndex the target that does not count, or null
  public TopKAccuracy(long numClasses, long k, @Nullable Long ignoreIndex) {
    if (k < 1 || k > numClasses) {
      throw new ValueException("k must be from 1 to %d, but got %d".formatted(numClasses, k));
    }
    this.classes = numClasses;
    this.k = k;
    this.ignoreIndex = ignoreIndex;
  }

  @Override
  public void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Batch(long[] top, long[] wanted, boolean @Nullable [] mask) {}
    Inputs.scores(predictions, targets, classes);
    Batch batch =
        Inputs.read(() ->
            new Batch(
                Inputs.rows(predictions, classes).topk(k, 1).indices().toLongArray(),
                Inputs.longs(targets),
                Inputs.mask(mask, targets)));
    for (int i = 0; i < batch.wanted.length; i++) {
      if (batch.mask != null && !batch.mask[i]) continue;
      if (ignoreIndex != null && batch.wanted[i] == ignoreIndex) continue;
      total++;
      for (int j = 0; j < k; j++) {
        if (batch.top[(int) (i * k + j)] == batch.wanted[i]) right++;
      }
    }
  }

  @Override
  public double compute() {
    return (double) right / total;
  }

  @Override
  public void reset() {
    right = 0;
    total = 0;
  }
}
