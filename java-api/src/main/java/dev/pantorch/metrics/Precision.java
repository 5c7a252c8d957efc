package dev.pantorch.metrics;

import java.util.function.Consumer;

/// Of what was predicted as a class, the share that is of it: $TP / (TP + FP)$.
///
/// ```java
/// var precision = new Precision(3, o -> o.average(Average.MACRO));
/// precision.update(logits, classes); // (32, 3), (32)
/// double[] each = precision.perClass();
/// ```
public final class Precision extends AveragedMetric {
  /// For binary predictions.
  public Precision() {
    this(o -> {});
  }

  /// For binary predictions.
  ///
  /// @param options what differs from the defaults
  public Precision(Consumer<Options> options) {
    super(options);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public Precision(long numClasses) {
    this(numClasses, o -> {});
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  /// @param options what differs from the defaults
  public Precision(long numClasses, Consumer<Options> options) {
    super(numClasses, options);
  }

  @Override
  double figure(double truePositives, double predicted, double support) {
    return divide(truePositives, predicted);
  }
}
