package dev.pantorch.metrics;

/// MAE: the mean of $|\hat y - y|$.
public final class MeanAbsoluteError extends MeanErrorMetric {
  /// Starts with no batch.
  public MeanAbsoluteError() {}

  @Override
  double error(double prediction, double target) {
    return Math.abs(prediction - target);
  }
}
