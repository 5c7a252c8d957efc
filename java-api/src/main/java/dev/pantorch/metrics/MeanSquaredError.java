package dev.pantorch.metrics;

/// MSE: the mean of $(\hat y - y)^2$.
///
/// ```java
/// var mse = new MeanSquaredError();
/// mse.update(forecast, truth); // the same shape
/// double figure = mse.compute();
/// ```
public final class MeanSquaredError extends MeanErrorMetric {
  /// Starts with no batch.
  public MeanSquaredError() {}

  @Override
  double error(double prediction, double target) {
    double difference = prediction - target;
    return difference * difference;
  }
}
