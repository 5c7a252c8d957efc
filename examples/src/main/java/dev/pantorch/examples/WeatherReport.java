package dev.pantorch.examples;

import static dev.pantorch.examples.WeatherSeries.DAYS_AHEAD;

import dev.pantorch.Tensor;
import dev.pantorch.examples.WeatherSeries.Part;
import dev.pantorch.train.plot.CurvePlot;
import dev.pantorch.train.plot.ForecastPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What became of the forecasts of the weather, beside simple ones.
final class WeatherReport {
  private static final int TEMPERATURES = 2;
  private static final int HIGHEST = 0;
  private static final int DAYS_BEFORE = 21;
  private static final int DAYS_DRAWN = 28;

  private final WeatherSeries data;
  private final List<Forecaster> forecasters = new ArrayList<>();

  /// Something that forecasts, with its forecasts of two parts.
  ///
  /// @param key what its figures are called in the line for scripts
  private record Forecaster(String name, String key, Tensor validation, Tensor test) {}

  /// Lets everyone forecast.
  ///
  /// @param lstm the model's forecasts of a part
  WeatherReport(WeatherSeries data, Function<Part, Tensor> lstm) {
    this.data = data;
    add("LSTM", "", lstm);
    add("linear in today's anomalies", "linear_", data::linear);
    add("today's anomaly, damped", "damped_", data::damped);
    add("climatology", "climatology_", data::climatology);
    add("persistence", "persistence_", data::persistence);
    add("seasonal naive", "naive_", data::seasonalNaive);
  }

  private void add(String name, String key, Function<Part, Tensor> forecasts) {
    forecasters.add(
        new Forecaster(
            name, key, forecasts.apply(data.validation()), forecasts.apply(data.test())));
  }

  /// The temperatures among the features, in degrees.
  static Tensor temperatures(Tensor days) {
    return days.narrow(2, 0, TEMPERATURES);
  }

  /// How far forecasts of temperatures are off.
  private static ForecastScores temperatures(Tensor forecast, Tensor truth) {
    return ForecastScores.of(temperatures(forecast), temperatures(truth));
  }

  /// Prints tables, and a line for scripts.
  void print(PrintWriter out) {
    Tensor truth = data.truth(data.test());
    out.printf("%-28s %7s %39s%n", "", "2014", "2015, test");
    row(out, "MAE", List.of("°C", "°C", "high", "low", "wind", "rain"));
    for (Forecaster forecaster : forecasters) {
      List<Double> figures = new ArrayList<>();
      figures.add(temperatures(forecaster.validation, data.truth(data.validation())).mae());
      figures.add(temperatures(forecaster.test, truth).mae());
      for (int i = 0; i < WeatherSeries.FEATURES; i++) {
        figures.add(ForecastScores.of(forecaster.test.select(2, i), truth.select(2, i)).mae());
      }
      row(out, forecaster.name, texts(figures));
    }
    out.println();
    row(
        out,
        "°C, 2015, days ahead",
        IntStream.rangeClosed(1, DAYS_AHEAD).mapToObj(Integer::toString).toList());
    for (Forecaster forecaster : forecasters) row(out, forecaster.name, texts(byLead(forecaster)));
    out.println();
    out.println(
        "weather "
            + forecasters.stream()
                .map(forecaster -> figures(forecaster, truth))
                .collect(Collectors.joining(" ")));
  }

  private List<Double> byLead(Forecaster forecaster) {
    Tensor truth = data.truth(data.test());
    return IntStream.range(0, DAYS_AHEAD)
        .mapToObj(
            day -> temperatures(forecaster.test.narrow(1, day, 1), truth.narrow(1, day, 1)).mae())
        .toList();
  }

  private static String figures(Forecaster forecaster, Tensor truth) {
    ForecastScores scores = temperatures(forecaster.test, truth);
    return String.format(
        Locale.ROOT,
        "%smae=%.3f %srmse=%.3f",
        forecaster.key,
        scores.mae(),
        forecaster.key,
        scores.rmse());
  }

  private static List<String> texts(List<Double> figures) {
    return figures.stream().map(figure -> String.format(Locale.ROOT, "%.3f", figure)).toList();
  }

  private static void row(PrintWriter out, String name, List<String> cells) {
    String line = cells.stream().map("%7s"::formatted).collect(Collectors.joining(" "));
    out.printf("%-28s %s%n", name, line);
  }

  /// Draws how the error grows with the days ahead.
  void drawErrors(Path file) throws IOException {
    var plot =
        new CurvePlot(
            "Temperatures of Seattle in 2015",
            "mean absolute error, °C",
            o -> o.xLabel("days ahead"));
    for (Forecaster forecaster : forecasters) plot.curve(forecaster.name, byLead(forecaster));
    plot.save(file);
  }

  /// Draws four forecasts of the highest temperature, made a week apart in the summer of the test
  /// part.
  void drawForecasts(Path file) throws IOException {
    int first = 180; // of the test part's forecasts: made at the end of June
    Part test = data.test();
    int horizon = (int) test.first() + 1 + first;
    int start = horizon - DAYS_BEFORE;
    Forecaster lstm = forecasters.getFirst();
    Forecaster naive = forecasters.getLast();
    var band =
        ForecastBand.of(
            lstm.validation.select(2, HIGHEST), data.truth(data.validation()).select(2, HIGHEST));
    double[] forecast = drawn(lstm.test, first);
    double[] low = forecast.clone();
    double[] high = forecast.clone();
    double[] lowest = band.low().toDoubleArray();
    double[] highest = band.high().toDoubleArray();
    Arrays.setAll(low, i -> forecast[i] + lowest[i % DAYS_AHEAD]);
    Arrays.setAll(high, i -> forecast[i] + highest[i % DAYS_AHEAD]);
    Tensor record = data.values().select(1, HIGHEST);
    new ForecastPlot(
            "Highest temperature of the day in Seattle, forecast each week for the week to come",
            "°C",
            data.dates().subList(start, horizon + DAYS_DRAWN),
            DAYS_BEFORE)
        .band("80 % of validation errors", low, high)
        .history(record.narrow(0, start, DAYS_BEFORE).toDoubleArray())
        .truth(record.narrow(0, horizon, DAYS_DRAWN).toDoubleArray())
        .forecast("LSTM", forecast)
        .baseline("seasonal naive", drawn(naive.test, first))
        .save(file);
  }

  /// The forecasts that are made a week apart, one after the other.
  private static double[] drawn(Tensor forecasts, int first) {
    return IntStream.iterate(first, made -> made < first + DAYS_DRAWN, made -> made + DAYS_AHEAD)
        .mapToObj(made -> forecasts.select(0, made).select(1, HIGHEST).toDoubleArray())
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }
}
