package dev.pantorch.metrics;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is computed from counts of (target, prediction): one matrix serves them all.
///
/// **Shape.** Binary: predictions and targets any, and the same; predictions are probabilities,
/// logits with {@link Options#logits}, or labels if they are integers. With $C$ classes: scores
/// $(N, C, ...)$ or labels $(N, ...)$; targets $(N, ...)$.
public abstract sealed class ClassificationMetric implements Metric
    permits Accuracy, ConfusionMatrix, AveragedMetric {
  final int classes;
  final Options options;
  final boolean binary;
  private final long[] counts;

  /// Options of classification metrics.
  public static final class Options {
    double threshold = 0.5;
    boolean logits;
    @Nullable Long ignoreIndex;
    Average average = Average.MACRO;
    double zeroDivision;

    private Options() {}

    /// The probability above which a binary prediction is "yes".
    ///
    /// @param threshold 0.5 unless set
    /// @return these options
    public Options threshold(double threshold) {
      this.threshold = threshold;
      return this;
    }

    /// Whether binary predictions are logits, of which the sigmoid is taken. Unlike torchmetrics
    /// this never guesses it from the values.
    ///
    /// @param logits false unless set
    /// @return these options
    public Options logits(boolean logits) {
      this.logits = logits;
      return this;
    }

    /// A target that does not count.
    ///
    /// @param ignoreIndex the label; null, for none, unless set
    /// @return these options
    public Options ignoreIndex(@Nullable Long ignoreIndex) {
      this.ignoreIndex = ignoreIndex;
      return this;
    }

    /// How precision, recall and F of several classes become one figure. Accuracy has no use for
    /// it.
    ///
    /// @param average macro unless set
    /// @return these options
    public Options average(Average average) {
      this.average = average;
      return this;
    }

    /// The figure of a class where it is 0 / 0.
    ///
    /// @param zeroDivision 0 unless set
    /// @return these options
    public Options zeroDivision(double zeroDivision) {
      this.zeroDivision = zeroDivision;
      return this;
    }
  }

  ClassificationMetric(Consumer<Options> options) {
    this(2, true, options);
  }

  ClassificationMetric(long numClasses, Consumer<Options> options) {
    this(numClasses, false, options);
  }

  private ClassificationMetric(long numClasses, boolean binary, Consumer<Options> options) {
    if (numClasses < 2 || numClasses > 10_000) {
      throw new ValueException("numClasses must be from 2 to 10000, but got " + numClasses);
    }
    this.classes = (int) numClasses;
    this.binary = binary;
    this.options = new Options();
    options.accept(this.options);
    this.counts = new long[classes * classes];
  }

  @Override
  public final void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Batch(long[] predicted, long[] wanted, boolean @Nullable [] mask) {}
    Batch batch =
        Inputs.read(() ->
            new Batch(
                Inputs.longs(labels(predictions, targets)),
                Inputs.longs(targets),
                Inputs.mask(mask, targets)));
    // Checked before anything is counted, so that a refused batch leaves no trace.
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < batch.wanted.length; i++) {
        if (batch.mask != null && !batch.mask[i]) continue;
        long wanted = batch.wanted[i];
        if (options.ignoreIndex != null && wanted == options.ignoreIndex) continue;
        if (pass == 0) {
          check("Target", wanted);
          check("Prediction", batch.predicted[i]);
        } else {
          counts[(int) (wanted * classes + batch.predicted[i])]++;
        }
      }
    }
  }

  private Tensor labels(Tensor predictions, Tensor targets) {
    boolean scores = predictions.dtype().isFloatingPoint();
    if (scores && !binary) {
      Inputs.scores(predictions, targets, classes);
      return predictions.argmax(1);
    }
    Inputs.same("predictions", predictions, targets);
    if (!scores) return predictions;
    return (options.logits ? predictions.sigmoid() : predictions).gt(options.threshold);
  }

  private void check(String what, long label) {
    if (label < 0 || label >= classes) {
      throw new ValueException(
          "%s %d is out of bounds: there are %d classes".formatted(what, label, classes));
    }
  }

  @Override
  public final void reset() {
    Arrays.fill(counts, 0);
  }

  final long count(int target, int prediction) {
    return counts[target * classes + prediction];
  }

  final long total() {
    return Arrays.stream(counts).sum();
  }

  final long truePositives(int c) {
    return count(c, c);
  }

  final long support(int target) {
    long sum = 0;
    for (int p = 0; p < classes; p++) sum += count(target, p);
    return sum;
  }

  final long predicted(int prediction) {
    long sum = 0;
    for (int t = 0; t < classes; t++) sum += count(t, prediction);
    return sum;
  }
}
