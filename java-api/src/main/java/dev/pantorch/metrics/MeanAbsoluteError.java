package dev.pantorch.metrics;

/// MAE: the mean of $|\hat y - y|$.
///
/// ```java
/// var mae = new MeanAbsoluteError();
/// mae.update(forecast, truth); // the same shape
/// double figure = mae.compute();
/// ```
public final class MeanAbsoluteError extends MeanErrorMetric {
  /// Starts with no batch.
  public MeanAbsoluteError() {}

  @Override
  double error(double prediction, double target) {
    return Math.abs(prediction - target);
  }
}
