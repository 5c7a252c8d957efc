package dev.pantorch.metrics;

import org.jspecify.annotations.Nullable;

/// The area under the receiver operating characteristic: the probability that a positive scores
/// higher than a negative, ties counting half. A class has no figure without positives or without
/// negatives.
///
/// ```java
/// var auc = new ROCAUC();
/// auc.update(logits, labels); // (32), (32) of 0 and 1
/// double figure = auc.compute();
/// ```
public final class ROCAUC extends RankingMetric {
  /// For binary predictions: one score each, probabilities and logits alike.
  public ROCAUC() {
    super(1, null);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public ROCAUC(long numClasses) {
    super(numClasses, null);
  }

  /// For several classes, or one for binary predictions.
  ///
  /// @param numClasses how many
  /// @param ignoreIndex the target that does not count, or null
  public ROCAUC(long numClasses, @Nullable Long ignoreIndex) {
    super(numClasses, ignoreIndex);
  }

  @Override
  double figure(long[] truePositives, long[] falsePositives, long positives, long negatives) {
    if (positives == 0 || negatives == 0) return Double.NaN;
    double area = 0;
    long t = 0;
    long f = 0;
    for (int i = 0; i < truePositives.length; i++) {
      area += (falsePositives[i] - f) * ((truePositives[i] + t) / 2.0);
      t = truePositives[i];
      f = falsePositives[i];
    }
    return area / positives / negatives;
  }
}
