package dev.pantorch.metrics;

/// sMAPE: the mean of $2 |\hat y - y| / \max(|y| + |\hat y|, \epsilon)$ with torchmetrics'
/// $\epsilon = 1.17 \cdot 10^{-6}$: from 0 to 2. Others leave out the 2, or multiply by 100.
///
/// ```java
/// var smape = new SymmetricMeanAbsolutePercentageError();
/// smape.update(forecast, truth); // the same shape
/// double figure = smape.compute();
/// ```
public final class SymmetricMeanAbsolutePercentageError extends MeanErrorMetric {
  /// Starts with no batch.
  public SymmetricMeanAbsolutePercentageError() {}

  @Override
  double error(double prediction, double target) {
    return 2
        * Math.abs(prediction - target)
        / Math.max(Math.abs(target) + Math.abs(prediction), 1.17e-06);
  }
}
