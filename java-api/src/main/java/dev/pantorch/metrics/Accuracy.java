package dev.pantorch.metrics;

import java.util.function.Consumer;

/// The share of predictions that are right. The balanced accuracy is the macro {@link Recall}.
///
/// ```java
/// var accuracy = new Accuracy(3);
/// accuracy.update(logits, classes); // (32, 3), (32)
/// double share = accuracy.compute();
/// ```
public final class Accuracy extends ClassificationMetric {
  /// For binary predictions.
  public Accuracy() {
    this(o -> {});
  }

  /// For binary predictions.
  ///
  /// @param options what differs from the defaults
  public Accuracy(Consumer<Options> options) {
    super(options);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public Accuracy(long numClasses) {
    this(numClasses, o -> {});
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  /// @param options what differs from the defaults
  public Accuracy(long numClasses, Consumer<Options> options) {
    super(numClasses, options);
  }

  @Override
  public double compute() {
    double right = 0;
    for (int c = 0; c < classes; c++) right += truePositives(c);
    return right / total();
  }
}
