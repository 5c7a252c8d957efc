package dev.pantorch.examples;

import static dev.pantorch.examples.CsvResource.column;

import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.data.Scaler;
import dev.pantorch.data.StandardScaler;
import dev.pantorch.data.TimeSplit;
import dev.pantorch.data.WindowDataset;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/// The weather of Seattle from 2012 to 2015, day after day: highest and lowest temperature, wind,
/// and precipitation as `log(1 + mm)`.
///
/// Climatology, what is usual on a day of the year, is a mean and two harmonics of the year, fitted
/// to the training part, 2012 and 2013. What differs from it are anomalies; those are what the
/// model reads and forecasts, scaled by the training part. 2014 validates, 2015 tests. A forecast
/// belongs to the part that all its days lie in.
final class WeatherSeries {
  static final int FEATURES = 4;
  static final int DAYS_AHEAD = 7;
  private static final int HARMONICS = 2;
  private static final int YEAR = 365;
  private static final LocalDate VALIDATION_START = LocalDate.of(2014, 1, 1);
  private static final LocalDate TEST_START = LocalDate.of(2015, 1, 1);

  private final List<LocalDate> dates;
  private final Tensor values;
  private final Tensor usual;
  private final Tensor anomaly;
  private final long trainingEnd;
  private final TimeSplit scaled;
  private final Scaler scaler = new StandardScaler();
  private final Part validation;
  private final Part test;

  /// Forecasts that are made one after the other, one a day.
  ///
  /// @param first the day that the first of them is made on
  /// @param size how many they are
  record Part(long first, long size) {
    /// What comes after each day (day, days ahead, feature).
    Tensor ahead(Tensor series) {
      return series
          .narrow(0, first + 1, size + DAYS_AHEAD - 1)
          .unfold(0, DAYS_AHEAD, 1)
          .transpose(1, 2);
    }

    /// Each day itself, once for all days ahead (day, 1, ...).
    Tensor today(Tensor series) {
      return series.narrow(0, first, size).unsqueeze(1);
    }
  }

  /// Reads the record that comes with the examples.
  WeatherSeries() {
    var days = CsvResource.read("seattle-weather.csv");
    dates = days.stream().map(day -> LocalDate.parse(day.get("date"))).toList();
    int n = days.size();
    values =
        Torch.stack(
            List.of(
                Torch.tensor(column(days, "temp_max"), n),
                Torch.tensor(column(days, "temp_min"), n),
                Torch.tensor(column(days, "wind"), n),
                Torch.tensor(column(days, "precipitation"), n).log1p()),
            1);
    trainingEnd = dates.indexOf(VALIDATION_START);
    long validationEnd = dates.indexOf(TEST_START);
    Tensor waves = waves();
    usual =
        waves.matmul(
            Linalg.lstsq(waves.narrow(0, 0, trainingEnd), values.narrow(0, 0, trainingEnd))
                .solution());
    anomaly = values.sub(usual);
    TimeSplit split = TimeSplit.at(anomaly.float32(), trainingEnd, validationEnd);
    scaled = split.transform(split.fitScaler(scaler));
    validation = part(trainingEnd, validationEnd);
    test = part(validationEnd, n);
  }

  private Tensor waves() {
    Tensor angle =
        Torch.tensor(
            dates.stream()
                .mapToDouble(date -> 2 * Math.PI * (date.getDayOfYear() - 1) / 365.25)
                .toArray(),
            dates.size());
    List<Tensor> waves = new ArrayList<>(List.of(Torch.onesLike(angle)));
    for (int k = 1; k <= HARMONICS; k++) {
      waves.add(angle.mul(k).cos());
      waves.add(angle.mul(k).sin());
    }
    return Torch.stack(waves, 1);
  }

  private static Part part(long start, long end) {
    return new Part(start - 1, end - start + 1 - DAYS_AHEAD);
  }

  List<LocalDate> dates() {
    return dates;
  }

  Tensor values() {
    return values;
  }

  Part validation() {
    return validation;
  }

  Part test() {
    return test;
  }

  /// The training part's days, each with the days after it, in the order of time.
  WindowDataset trainingDays() {
    return scaled.trainingWindows(1, DAYS_AHEAD, o -> {});
  }

  /// What is to be answered about the validation part.
  Tensor validationTarget() {
    return validation.ahead(everyDay());
  }

  /// The scaled anomalies of all days (day, feature).
  Tensor everyDay() {
    return Torch.cat(List.of(scaled.training(), scaled.validation(), scaled.test()));
  }

  /// A model's answers in the units of the record.
  ///
  /// @param answers (day, days ahead, feature) for all days
  /// @return (day, days ahead, feature) for those of the part
  Tensor forecasts(Tensor answers, Part part) {
    Tensor some = answers.narrow(0, part.first, part.size);
    return climatology(part).add(scaler.inverseTransform(some.float64()));
  }

  Tensor truth(Part part) {
    return part.ahead(values);
  }

  /// The same as a year before.
  Tensor seasonalNaive(Part part) {
    return new Part(part.first - YEAR, part.size).ahead(values);
  }

  /// The same as today.
  Tensor persistence(Part part) {
    return part.today(values).expand(-1, DAYS_AHEAD, -1);
  }

  /// What is usual.
  Tensor climatology(Part part) {
    return part.ahead(usual);
  }

  /// What is usual, and today's anomaly, which fades as it did in the training part.
  Tensor damped(Part part) {
    Part past = past();
    Tensor today = past.today(anomaly);
    Tensor fading = today.mul(past.ahead(anomaly)).sum(0).div(today.square().sum(0));
    return climatology(part).add(part.today(anomaly).mul(fading));
  }

  /// What is usual, and a linear function of today's anomalies by least squares over the training
  /// part.
  Tensor linear(Part part) {
    Part past = past();
    Tensor one = Torch.onesLike(anomaly.narrow(1, 0, 1));
    Tensor today = Torch.cat(List.of(anomaly, one), 1);
    Tensor weights =
        Linalg.lstsq(past.today(today).squeeze(1), past.ahead(anomaly).flatten(1)).solution();
    Tensor forecast = part.today(today).squeeze(1).matmul(weights);
    return climatology(part).add(forecast.view(part.size, DAYS_AHEAD, FEATURES));
  }

  private Part past() {
    return new Part(0, trainingEnd - DAYS_AHEAD);
  }
}
