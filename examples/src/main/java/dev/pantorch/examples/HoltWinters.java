package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Additive exponential smoothing of level, trend and season of monthly values, by Holt and Winters
/// ([Forecasting: Principles and Practice](https://otexts.com/fpp3/holt-winters.html)).
///
/// @param alpha how much of an error goes into the level
/// @param beta how much of it goes into the trend
/// @param gamma how much of it goes into the season
record HoltWinters(double alpha, double beta, double gamma) {
  private static final int YEAR = 12;

  /// The setting with the smallest mean absolute error over the forecasts of a part.
  static HoltWinters fit(Co2Windows.Part part, double... values) {
    Map<HoltWinters, Double> errors = new LinkedHashMap<>();
    for (double alpha : new double[] {0.1, 0.3, 0.5, 0.7, 0.9}) {
      for (double beta : new double[] {0, 0.005, 0.01, 0.05, 0.1}) {
        for (double gamma : new double[] {0, 0.1, 0.2, 0.3, 0.5}) {
          var setting = new HoltWinters(alpha, beta, gamma);
          Tensor forecasts = part.of(setting.forecasts(values));
          errors.put(setting, ForecastScores.of(forecasts, part.truth()).mae());
        }
      }
    }
    return Collections.min(errors.entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  /// The forecasts of the next year, made after every month from the second year on. The first two
  /// years are where level, trend and season begin.
  ///
  /// @param values two years or more
  /// @return (month, 12)
  Tensor forecasts(double... values) {
    double first = Arrays.stream(values, 0, YEAR).sum() / YEAR;
    double second = Arrays.stream(values, YEAR, 2 * YEAR).sum() / YEAR;
    double middle = (YEAR - 1) / 2.0;
    double trend = (second - first) / YEAR;
    double[] season = new double[YEAR];
    for (int i = 0; i < YEAR; i++) season[i] = values[i] - (first + trend * (i - middle));
    double level = first + trend * middle;
    double[] forecasts = new double[(values.length - YEAR) * YEAR];
    int next = 0;
    for (int t = YEAR; t < values.length; t++) {
      double expected = level + trend;
      double error = values[t] - expected - season[t % YEAR];
      level = expected + alpha * error;
      trend += beta * error;
      season[t % YEAR] += gamma * error;
      for (int h = 1; h <= YEAR; h++) {
        forecasts[next++] = level + h * trend + season[(t + h) % YEAR];
      }
    }
    return Torch.tensor(forecasts, values.length - YEAR, YEAR);
  }
}
