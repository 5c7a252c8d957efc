package dev.pantorch.metrics;

/// MSE: the mean of $(\hat y - y)^2$.
public final class MeanSquaredError extends MeanErrorMetric {
  /// Starts with no batch.
  public MeanSquaredError() {}

  @Override
  double error(double prediction, double target) {
    double difference = prediction - target;
    return difference * difference;
  }
}
