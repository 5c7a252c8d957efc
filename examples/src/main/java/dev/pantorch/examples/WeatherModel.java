package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import org.jspecify.annotations.Nullable;

/// An LSTM that reads days as they come, and after each of them forecasts the next ones.
final class WeatherModel extends Module {
  private final LSTM lstm;
  private final Dropout dropout;
  private final Linear fc;
  private final long features;
  private final long daysAhead;

  /// Forecasts, and what the LSTM remembers after the last day.
  ///
  /// @param forecasts (day, days ahead, feature)
  record Output(Tensor forecasts, LSTM.State state) {}

  /// A model with weights drawn from the default generator.
  ///
  /// @param features the numbers of a day, all of which are forecast
  /// @param daysAhead how many days are forecast
  WeatherModel(long features, long daysAhead) {
    this.features = features;
    this.daysAhead = daysAhead;
    lstm = register("lstm", new LSTM(features, 4 * features));
    dropout = register("dropout", new Dropout(0.3));
    fc = register("fc", new Linear(4 * features, daysAhead * features));
  }

  /// Reads days, after others that the state tells of.
  ///
  /// @param days (day, 1, feature)
  /// @param state what is remembered of the days before; null for nothing
  Output forward(Tensor days, LSTM.@Nullable State state) {
    LSTM.Output read = lstm.forward(days, state);
    return new Output(
        fc.forward(dropout.forward(read.output())).view(days.size(0), daysAhead, features),
        read.state());
  }
}
