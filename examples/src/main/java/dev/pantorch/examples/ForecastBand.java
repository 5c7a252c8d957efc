package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;

/// Where four fifths of what happens should lie around a forecast: between the first and the last
/// tenth of the errors that were made on the validation part, each step ahead by itself.
///
/// @param low what to add for the lower border (steps ahead)
/// @param high what to add for the upper border (steps ahead)
record ForecastBand(Tensor low, Tensor high) {
  /// Measures errors.
  ///
  /// @param forecast (forecasts, steps ahead), float64
  /// @param truth the same shape
  static ForecastBand of(Tensor forecast, Tensor truth) {
    Tensor quantiles = truth.sub(forecast).quantile(Torch.tensor(new double[] {0.1, 0.9}), 0);
    return new ForecastBand(quantiles.select(0, 0), quantiles.select(0, 1));
  }

  /// The share of the truth that lies within the band.
  double coverage(Tensor forecast, Tensor truth) {
    Tensor error = truth.sub(forecast);
    return error.ge(low).logicalAnd(error.le(high)).float64().mean().item();
  }
}
