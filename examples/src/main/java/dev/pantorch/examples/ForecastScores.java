package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.metrics.MeanAbsoluteError;
import dev.pantorch.metrics.RootMeanSquaredError;

/// How far forecasts are from what then happened, in the unit of the series.
///
/// @param mae the mean absolute error
/// @param rmse the root of the mean squared error
record ForecastScores(double mae, double rmse) {
  /// Compares two tensors of one shape.
  static ForecastScores of(Tensor forecast, Tensor truth) {
    var mae = new MeanAbsoluteError();
    var rmse = new RootMeanSquaredError();
    mae.update(forecast, truth);
    rmse.update(forecast, truth);
    return new ForecastScores(mae.compute(), rmse.compute());
  }
}
