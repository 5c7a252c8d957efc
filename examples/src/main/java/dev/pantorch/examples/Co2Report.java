package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.examples.Co2Windows.Part;
import dev.pantorch.metrics.MeanAbsoluteScaledError;
import dev.pantorch.train.plot.ForecastPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// What became of the forecasts of carbon dioxide, beside simple ones.
final class Co2Report {
  private static final int YEAR = Co2Model.YEAR;
  private static final int YEARS_DRAWN = 3;
  private static final int YEARS_BEFORE = 2;

  private final Co2Windows data;
  private final List<Forecaster> forecasters = new ArrayList<>();
  private final ForecastBand band;

  /// Something that forecasts, with its forecasts of two parts.
  private record Forecaster(String name, Tensor validation, Tensor test) {}

  private record Scores(double mae, double rmse, double mase) {}

  /// Lets everyone forecast.
  ///
  /// @param lstm the model's forecasts of a part, in parts per million
  Co2Report(Co2Windows data, Function<Part, Tensor> lstm) {
    this.data = data;
    double[] level = data.data().level().toDoubleArray();
    HoltWinters setting = HoltWinters.fit(data.train(), level);
    Tensor smoothed = setting.forecasts(level);
    add("LSTM", lstm);
    add(
        String.format(
            Locale.ROOT,
            "Holt-Winters (%s, %s, %s)",
            setting.alpha(),
            setting.beta(),
            setting.gamma()),
        part -> part.of(smoothed));
    add("seasons of three years and growth", data::seasons);
    add("seasonal naive with drift", Part::seasonalNaiveWithDrift);
    add("seasonal naive", Part::seasonalNaive);
    band = ForecastBand.of(forecasters.getFirst().validation, data.validation().truth());
  }

  private void add(String name, Function<Part, Tensor> forecasts) {
    forecasters.add(
        new Forecaster(name, forecasts.apply(data.validation()), forecasts.apply(data.test())));
  }

  private Scores scores(Tensor forecast, Tensor truth) {
    var mase = new MeanAbsoluteScaledError(data.trainingLevel(), YEAR);
    mase.update(forecast, truth);
    ForecastScores scores = ForecastScores.of(forecast, truth);
    return new Scores(scores.mae(), scores.rmse(), mase.compute());
  }

  /// Prints a table, and a line for scripts.
  void print(PrintWriter out) {
    out.printf("%-36s %22s   %22s%n", "", "2000-2009, validation", "2010-2020, test");
    out.printf(
        "%-36s %6s %7s %7s   %6s %7s %7s%n", "ppm", "MAE", "RMSE", "MASE", "MAE", "RMSE", "MASE");
    List<Scores> test = new ArrayList<>();
    for (Forecaster forecaster : forecasters) {
      Scores before = scores(forecaster.validation, data.validation().truth());
      Scores after = scores(forecaster.test, data.test().truth());
      out.printf(
          Locale.ROOT,
          "%-36s %6.3f %7.3f %7.3f   %6.3f %7.3f %7.3f%n",
          forecaster.name,
          before.mae,
          before.rmse,
          before.mase,
          after.mae,
          after.rmse,
          after.mase);
      test.add(after);
    }
    double coverage = band.coverage(forecasters.getFirst().test, data.test().truth());
    out.printf(
        Locale.ROOT,
        "%nBetween the first and the last tenth of the validation part's errors: %.1f %% of the"
            + " test part.%n%n",
        100 * coverage);
    Scores lstm = test.getFirst();
    Scores drift = test.get(test.size() - 2);
    Scores naive = test.getLast();
    out.printf(
        Locale.ROOT,
        "co2 mae=%.3f rmse=%.3f mase=%.3f naive_mae=%.3f naive_rmse=%.3f naive_mase=%.3f"
            + " drift_mae=%.3f drift_rmse=%.3f drift_mase=%.3f holt_winters_mae=%.3f"
            + " holt_winters_rmse=%.3f holt_winters_mase=%.3f coverage=%.3f%n",
        lstm.mae,
        lstm.rmse,
        lstm.mase,
        naive.mae,
        naive.rmse,
        naive.mase,
        drift.mae,
        drift.rmse,
        drift.mase,
        test.get(1).mae,
        test.get(1).rmse,
        test.get(1).mase,
        coverage);
  }

  /// Draws the forecasts of the last whole years of the test part, each made in December of the
  /// year before.
  void draw(Path file) throws IOException {
    Part test = data.test();
    int last =
        (test.size() - 1) / YEAR * YEAR; // the first forecast of the part is made in December
    Tensor rows =
        Torch.tensor(
            IntStream.range(0, YEARS_DRAWN)
                .mapToLong(year -> last - (YEARS_DRAWN - 1L - year) * YEAR)
                .toArray());
    UnaryOperator<Tensor> drawn = forecasts -> forecasts.indexSelect(0, rows).flatten();
    Tensor lstm = drawn.apply(forecasters.getFirst().test);
    // The first forecast of a part is made in a month that has its growth: a year into the record.
    int horizon = (int) (test.first() + YEAR + 1 + last - (YEARS_DRAWN - 1) * YEAR);
    int start = horizon - YEARS_BEFORE * YEAR;
    new ForecastPlot(
            "Carbon dioxide at Mauna Loa, forecast each December for the year to come",
            "ppm",
            data.data().months().subList(start, horizon + YEARS_DRAWN * YEAR),
            horizon - start)
        .band(
            "80 % of validation errors",
            lstm.add(band.low().repeat(YEARS_DRAWN)).toDoubleArray(),
            lstm.add(band.high().repeat(YEARS_DRAWN)).toDoubleArray())
        .history(data.data().level().narrow(0, start, horizon - start).toDoubleArray())
        .truth(drawn.apply(test.truth()).toDoubleArray())
        .forecast("LSTM", lstm.toDoubleArray())
        .baseline("seasonal naive", drawn.apply(forecasters.getLast().test).toDoubleArray())
        .save(file);
  }
}
