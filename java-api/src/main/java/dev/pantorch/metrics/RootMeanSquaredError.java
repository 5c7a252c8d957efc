package dev.pantorch.metrics;

/// RMSE: the root of the mean of $(\hat y - y)^2$ over all batches.
///
/// ```java
/// var rmse = new RootMeanSquaredError();
/// rmse.update(forecast, truth); // the same shape
/// double figure = rmse.compute();
/// ```
public final class RootMeanSquaredError extends MeanErrorMetric {
  /// Starts with no batch.
  public RootMeanSquaredError() {}

  @Override
  double error(double prediction, double target) {
    double difference = prediction - target;
    return difference * difference;
  }

  @Override
  double finish(double mean) {
    return Math.sqrt(mean);
  }
}
