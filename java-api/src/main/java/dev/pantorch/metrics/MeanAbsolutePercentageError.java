package dev.pantorch.metrics;

/// MAPE: the mean of $|\hat y - y| / \max(|y|, \epsilon)$ with scikit-learn's $\epsilon = 2^{-52}$.
/// A share, not a percentage.
///
/// ```java
/// var mape = new MeanAbsolutePercentageError();
/// mape.update(forecast, truth); // the same shape
/// double figure = mape.compute();
/// ```
public final class MeanAbsolutePercentageError extends MeanErrorMetric {
  /// Starts with no batch.
  public MeanAbsolutePercentageError() {}

  @Override
  double error(double prediction, double target) {
    return Math.abs(prediction - target) / Math.max(Math.abs(target), Math.ulp(1.0));
  }
}
