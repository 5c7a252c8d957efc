package dev.pantorch.metrics;

import java.util.function.Consumer;

/// How often each target was predicted as each class. Rows are targets, columns predictions.
///
/// ```java
/// var matrix = new ConfusionMatrix(3);
/// matrix.update(logits, classes); // (32, 3), (32)
/// long[][] counts = matrix.counts(); // counts[target][prediction]
/// ```
public final class ConfusionMatrix extends ClassificationMetric {
  /// For binary predictions.
  public ConfusionMatrix() {
    this(o -> {});
  }

  /// For binary predictions.
  ///
  /// @param options what differs from the defaults
  public ConfusionMatrix(Consumer<Options> options) {
    super(options);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public ConfusionMatrix(long numClasses) {
    this(numClasses, o -> {});
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  /// @param options what differs from the defaults
  public ConfusionMatrix(long numClasses, Consumer<Options> options) {
    super(numClasses, options);
  }

  /// What the counts are divided by.
  public enum Normalize {
    /// By how often the target occurs: rows sum to 1.
    TRUE,
    /// By how often the class is predicted: columns sum to 1.
    PRED,
    /// By the number of predictions.
    ALL
  }

  /// The counts.
  ///
  /// @return target by prediction
  public long[][] counts() {
    var matrix = new long[classes][classes];
    for (int t = 0; t < classes; t++) {
      for (int p = 0; p < classes; p++) matrix[t][p] = count(t, p);
    }
    return matrix;
  }

  /// The counts as shares.
  ///
  /// @param normalize of what
  /// @return target by prediction; 0 where it is 0 / 0, as scikit-learn has it
  public double[][] normalized(Normalize normalize) {
    var matrix = new double[classes][classes];
    for (int t = 0; t < classes; t++) {
      for (int p = 0; p < classes; p++) {
        long whole =
            switch (normalize) {
              case TRUE -> support(t);
              case PRED -> predicted(p);
              case ALL -> total();
            };
        matrix[t][p] = whole == 0 ? 0 : (double) count(t, p) / whole;
      }
    }
    return matrix;
  }

  /// The accuracy: the share on the diagonal.
  @Override
  public double compute() {
    double right = 0;
    for (int c = 0; c < classes; c++) right += truePositives(c);
    return right / total();
  }
}
