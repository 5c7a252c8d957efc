package dev.pantorch.metrics;

/// The mean of an error.
public abstract sealed class MeanErrorMetric extends RegressionMetric
    permits MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanAbsoluteScaledError,
        MeanSquaredError,
        RootMeanSquaredError,
        SymmetricMeanAbsolutePercentageError {
  private double sum;
  private long count;

  MeanErrorMetric() {}

  @Override
  final void add(double prediction, double target) {
    sum += error(prediction, target);
    count++;
  }

  abstract double error(double prediction, double target);

  double finish(double mean) {
    return mean;
  }

  @Override
  public final double compute() {
    return finish(sum / count);
  }

  @Override
  public final void reset() {
    sum = 0;
    count = 0;
  }
}
