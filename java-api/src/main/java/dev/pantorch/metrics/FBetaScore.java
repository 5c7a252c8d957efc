package dev.pantorch.metrics;

import dev.pantorch.ValueException;
import java.util.function.Consumer;

/// The weighted harmonic mean of precision and recall, $\frac{(1 + \beta^2) TP}{(1 + \beta^2) TP +
/// \beta^2 FN + FP}$.
///
/// ```java
/// var f2 = new FBetaScore(2, 3, o -> o.average(Average.WEIGHTED)); // recall counts more
/// f2.update(logits, classes); // (32, 3), (32)
/// ```
public sealed class FBetaScore extends AveragedMetric permits F1Score {
  private final double beta;

  /// For binary predictions.
  ///
  /// @param beta how much more recall weighs than precision
  /// @param options what differs from the defaults
  public FBetaScore(double beta, Consumer<Options> options) {
    super(options);
    this.beta = checked(beta);
  }

  /// For several classes.
  ///
  /// @param beta how much more recall weighs than precision
  /// @param numClasses how many classes
  /// @param options what differs from the defaults
  public FBetaScore(double beta, long numClasses, Consumer<Options> options) {
    super(numClasses, options);
    this.beta = checked(beta);
  }

  private static double checked(double beta) {
    if (!(beta > 0)) {
      throw new ValueException("beta must be larger than 0, but got " + beta);
    }
    return beta;
  }

  @Override
  final double figure(double truePositives, double predicted, double support) {
    double square = beta * beta;
    return divide((1 + square) * truePositives, square * support + predicted);
  }
}
