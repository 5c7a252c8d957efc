package dev.pantorch.metrics;

import org.jspecify.annotations.Nullable;

/// The precision at each recall, weighted by the gain in recall: $\sum_n (R_n - R_{n-1}) P_n$. A
/// class has no figure without positives.
///
/// ```java
/// var precision = new AveragePrecision();
/// precision.update(logits, labels); // (32), (32) of 0 and 1
/// double figure = precision.compute();
/// ```
public final class AveragePrecision extends RankingMetric {
  /// For binary predictions: one score each, probabilities and logits alike.
  public AveragePrecision() {
    super(1, null);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public AveragePrecision(long numClasses) {
    super(numClasses, null);
  }

  /// For several classes, or one for binary predictions.
  ///
  /// @param numClasses how many
  /// @param ignoreIndex the target that does not count, or null
  public AveragePrecision(long numClasses, @Nullable Long ignoreIndex) {
    super(numClasses, ignoreIndex);
  }

  @Override
  double figure(long[] truePositives, long[] falsePositives, long positives, long negatives) {
    if (positives == 0) return Double.NaN;
    double sum = 0;
    long t = 0;
    for (int i = 0; i < truePositives.length; i++) {
      double precision = (double) truePositives[i] / (truePositives[i] + falsePositives[i]);
      sum += (truePositives[i] - t) * precision;
      t = truePositives[i];
    }
    return sum / positives;
  }
}
