package dev.pantorch.metrics;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What is computed from the order of the scores: exact, so all scores are kept (8 bytes each, on
/// the host).
///
/// **Shape.** Binary: scores and targets any, and the same. With $C$ classes: scores $(N, C, ...)$,
/// targets $(N, ...)$; each class is held against the rest.
public abstract sealed class RankingMetric implements Metric permits AveragePrecision, ROCAUC {
  private final int classes;
  private final @Nullable Long ignoreIndex;
  private double[] scores = new double[0];
  private long[] targets = new long[0];
  private int size;

  RankingMetric(long numClasses, @Nullable Long ignoreIndex) {
    if (numClasses < 1) {
      throw new ValueException("numClasses must be positive, but got " + numClasses);
    }
    this.classes = Math.toIntExact(numClasses);
    this.ignoreIndex = ignoreIndex;
  }

  @Override
  public final void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Batch(double[] scores, long[] wanted, boolean @Nullable [] mask) {}
    if (classes == 1) Inputs.same("predictions", predictions, targets);
    else Inputs.scores(predictions, targets, classes);
    Batch batch =
        Inputs.read(() ->
            new Batch(
                Inputs.doubles(classes == 1 ? predictions : Inputs.rows(predictions, classes)),
                Inputs.longs(targets),
                Inputs.mask(mask, targets)));
    int before = size;
    reserve(size + batch.wanted.length);
    for (int i = 0; i < batch.wanted.length; i++) {
      if (batch.mask != null && !batch.mask[i]) continue;
      long wanted = batch.wanted[i];
      if (ignoreIndex != null && wanted == ignoreIndex) continue;
      if (wanted < 0 || wanted >= Math.max(2, classes)) {
        size = before;
        throw new ValueException(
            "Target %d is out of bounds: there are %d classes"
                .formatted(wanted, Math.max(2, classes)));
      }
      System.arraycopy(batch.scores, i * classes, scores, size * classes, classes);
      this.targets[size++] = wanted;
    }
  }

  private void reserve(int wanted) {
    if (wanted <= targets.length) return;
    int capacity = Math.max(wanted, 2 * targets.length);
    targets = Arrays.copyOf(targets, capacity);
    scores = Arrays.copyOf(scores, Math.multiplyExact(capacity, classes));
  }

  @Override
  public final void reset() {
    size = 0;
    scores = new double[0];
    targets = new long[0];
  }

  /// The figure of each class against the rest; of class 1 alone where predictions are binary.
  ///
  /// @return `NaN` where a class has too few examples for a figure
  public final double[] perClass() {
    return IntStream.range(0, classes).mapToDouble(this::of).toArray();
  }

  /// The macro average over the classes that have a figure.
  @Override
  public final double compute() {
    return Arrays.stream(perClass())
        .filter(figure -> !Double.isNaN(figure))
        .average()
        .orElse(Double.NaN);
  }

  private double of(int c) {
    int positive = classes == 1 ? 1 : c;
    var order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(scores[b * classes + c], scores[a * classes + c]));
    // Counts after each distinct score: tied scores are passed together.
    var truePositives = new long[size];
    var falsePositives = new long[size];
    int steps = 0;
    long t = 0;
    long f = 0;
    for (int i = 0; i < size; i++) {
      if (targets[order[i]] == positive) t++;
      else f++;
      double score = scores[order[i] * classes + c];
      if (i + 1 == size || scores[order[i + 1] * classes + c] != score) {
        truePositives[steps] = t;
        falsePositives[steps++] = f;
      }
    }
    return figure(Arrays.copyOf(truePositives, steps), Arrays.copyOf(falsePositives, steps), t, f);
  }

  /// The figure from the counts above each distinct score, the highest first.
  abstract double figure(
      long[] truePositives, long[] falsePositives, long positives, long negatives);
}
