package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;

/// A model that reads some years, month by month, and forecasts the next one.
abstract class Co2Forecaster extends Module {
  /// Forecasts a year.
  ///
  /// @param x (batch, months, 1), whole years and two of them at least
  /// @return (batch, 12, 1)
  abstract Tensor forward(Tensor x);
}
