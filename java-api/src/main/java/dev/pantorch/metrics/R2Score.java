package dev.pantorch.metrics;

/// The coefficient of determination, $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$, over all
/// elements together. As in scikit-learn, targets that are all the same give 1 if they are met
/// exactly, else 0; fewer than two elements give `NaN`.
///
/// ```java
/// var r2 = new R2Score();
/// r2.update(forecast, truth); // the same shape
/// double figure = r2.compute();
/// ```
public final class R2Score extends RegressionMetric {
  private long count;
  private double first;
  private double mean;
  private double squares;
  private double residuals;

  /// Starts with no batch.
  public R2Score() {}

  @Override
  void add(double prediction, double target) {
    // Welford's update of targets less the first one: the sum of squares, or the mean itself, would
    // lose digits where targets lie far from 0.
    if (count == 0) first = target;
    count++;
    double shifted = target - first;
    double before = shifted - mean;
    mean += before / count;
    squares += before * (shifted - mean);
    residuals += (target - prediction) * (target - prediction);
  }

  @Override
  public double compute() {
    if (count < 2) return Double.NaN;
    if (squares == 0) return residuals == 0 ? 1 : 0;
    return 1 - residuals / squares;
  }

  /// The score adjusted for the number of features: $1 - (1 - R^2) \frac{n - 1}{n - p - 1}$.
  ///
  /// @param features $p$, the number of independent variables
  /// @return the adjusted score; `NaN` if there are not more than $p + 1$ elements
  public double adjusted(long features) {
    if (count <= features + 1) return Double.NaN;
    return 1 - (1 - compute()) * (count - 1) / (count - features - 1);
  }

  @Override
  public void reset() {
    count = 0;
    mean = 0;
    squares = 0;
    residuals = 0;
  }
}
