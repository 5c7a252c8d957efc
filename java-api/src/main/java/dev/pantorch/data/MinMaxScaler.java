package dev.pantorch.data;

import dev.pantorch.ValueException;
import java.util.Arrays;

/// Columns from 0 to 1, or between two other bounds, as far as the data it is fitted on goes. A
/// column that does not vary goes to the lower bound. The figures are scikit-learn's.
///
/// ```java
/// Scaler scaler = new MinMaxScaler(-1, 1).fit(training);
/// Tensor scaled = scaler.transform(series);
/// Tensor back = scaler.inverseTransform(scaled);
/// ```
///
/// [sklearn.preprocessing.MinMaxScaler](https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.MinMaxScaler.html)
public final class MinMaxScaler extends Scaler {
  private final double low;
  private final double high;

  /// A scaler to 0 and 1.
  public MinMaxScaler() {
    this(0, 1);
  }

  /// A scaler to other bounds.
  ///
  /// @param low where the smallest value goes
  /// @param high where the largest goes
  /// @throws ValueException if the bounds are no range
  public MinMaxScaler(double low, double high) {
    if (low >= high) {
      throw new ValueException(
          "Minimum of desired feature range must be smaller than maximum. Got (%s, %s)."
              .formatted(low, high));
    }
    this.low = low;
    this.high = high;
  }

  @Override
  Line fitColumn(double[] column) {
    double min = Arrays.stream(column).min().orElseThrow();
    double max = Arrays.stream(column).max().orElseThrow();
    double range = max - min;
    double scale = (range < 10 * Math.ulp(1.0) ? 1 : range) / (high - low);
    return new Line(min - low * scale, scale);
  }
}
