package dev.pantorch.metrics;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.Arrays;

/// MASE: the mean of $|\hat y - y|$, in units of the mean error that the seasonal naive forecast
/// $\hat y_t = y_{t - m}$ makes on the training part. Below 1 a forecast is better than that one
/// step ahead was.
///
/// ```java
/// var mase = new MeanAbsoluteScaledError(training, 12); // months with a yearly season
/// mase.update(forecast, truth);
/// ```
///
/// R. J. Hyndman and A. B. Koehler, *Another look at measures of forecast accuracy*, International
/// Journal of Forecasting 22 (2006)
public final class MeanAbsoluteScaledError extends MeanErrorMetric {
  private final double unit;

  /// Starts with no batch.
  ///
  /// @param training the series that the forecast was fitted on, $(T)$ with $T > m$
  /// @param seasonality $m$, the steps of a season; 1 where there is none
  /// @throws ShapeException if the series has another shape
  /// @throws ValueException if the seasonality is not positive, or the naive forecast's error is 0
  ///   or not finite
  public MeanAbsoluteScaledError(Tensor training, int seasonality) {
    if (seasonality <= 0) {
      throw new ValueException("seasonality should be positive, but it is " + seasonality);
    }
    if (training.dim() != 1 || training.size(0) <= seasonality) {
      throw new ShapeException(
          "Expected a training series of more than %d steps, but got the shape %s"
              .formatted(seasonality, Arrays.toString(training.shape())));
    }
    double[] series = Inputs.read(() -> Inputs.doubles(training));
    double sum = 0;
    for (int i = seasonality; i < series.length; i++) {
      sum += Math.abs(series[i] - series[i - seasonality]);
    }
    unit = sum / (series.length - seasonality);
    if (unit == 0 || !Double.isFinite(unit)) {
      throw new ValueException(
          "the seasonal naive forecast's mean error on the training series is the unit of MASE, but"
              + " it is "
              + unit);
    }
  }

  @Override
  double error(double prediction, double target) {
    return Math.abs(prediction - target);
  }

  @Override
  double finish(double mean) {
    return mean / unit;
  }
}
