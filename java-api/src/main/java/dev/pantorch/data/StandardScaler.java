package dev.pantorch.data;

/// Columns of mean 0 and standard deviation 1: $(x - \mu) / \sigma$ with the population's $\sigma$.
/// A column that does not vary is only shifted. The figures are scikit-learn's.
///
/// ```java
/// Scaler scaler = new StandardScaler().fit(training);
/// Tensor scaled = scaler.transform(series);
/// ```
///
/// [sklearn.preprocessing.StandardScaler](https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.StandardScaler.html)
public final class StandardScaler extends Scaler {
  /// A scaler to be fitted.
  public StandardScaler() {}

  @Override
  Line fitColumn(double[] column) {
    double sum = 0;
    for (double x : column) sum += x;
    double mean = sum / column.length;
    // The second pass is corrected by what rounding left in the first.
    double squares = 0;
    double rest = 0;
    for (double x : column) {
      squares += (x - mean) * (x - mean);
      rest += x - mean;
    }
    double variance = (squares - rest * rest / column.length) / column.length;
    double bound =
        column.length * Math.ulp(1.0) * variance
            + Math.pow(column.length * mean * Math.ulp(1.0), 2);
    return new Line(mean, variance <= bound ? 1 : Math.sqrt(variance));
  }
}
