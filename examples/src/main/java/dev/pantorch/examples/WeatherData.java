package dev.pantorch.examples;

import static dev.pantorch.examples.CsvResource.column;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.data.Example;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVRecord;

/// The weather of Seattle from 2012 to 2015 as sequences of ten days, each with the question
/// whether it rained on the day after.
///
/// Five features a day: precipitation as `log(1 + mm)`, which tames the downpours; highest and
/// lowest temperature; wind; and the season, the cosine of the day's angle in the year, 1 at New
/// Year and -1 in July. It rains on a day when its precipitation is more than 0.
///
/// The parts follow one another in time: 2012 and 2013 to train, 2014 to validate, 2015 to test. A
/// sequence belongs to the part of the day that is asked for; the days before it are the past by
/// then, whatever part they are in. The features are scaled to mean 0 and deviation 1 by the days
/// of the training part alone.
///
/// @param train the part that weights are fitted to
/// @param validation the part that everything else is chosen by
/// @param test the part that is looked at once
record WeatherData(Part train, Part validation, Part test) {
  static final int FEATURES = 5;
  private static final int STEPS = 10;
  private static final LocalDate VALIDATION_START = LocalDate.of(2014, 1, 1);
  private static final LocalDate TEST_START = LocalDate.of(2015, 1, 1);

  /// Sequences with their answers.
  ///
  /// @param x features (sequence, day, feature)
  /// @param rainToday whether it rained on the last day of each sequence (sequence), boolean
  /// @param rainTomorrow whether it rained on the day after (sequence), boolean
  record Part(Tensor x, Tensor rainToday, Tensor rainTomorrow) {
    long size() {
      return x.size(0);
    }

    /// What the model is to say, as numbers.
    Tensor y() {
      return rainTomorrow.float32();
    }

    /// All sequences side by side.
    Example all() {
      return new Example(x, y());
    }

    /// Batches in an order that is drawn anew each time that they are gone through.
    Iterable<Example> batches(int size) {
      Tensor y = y();
      return () -> {
        Iterator<Tensor> rows = Torch.randperm(size()).split(size).iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public Example next() {
            Tensor some = rows.next();
            return new Example(x.indexSelect(0, some), y.indexSelect(0, some));
          }
        };
      };
    }
  }

  /// Reads the record that comes with the examples.
  static WeatherData load() {
    List<CSVRecord> days = CsvResource.read("seattle-weather.csv");
    Tensor features = features(days);
    Tensor rain = Torch.tensor(column(days, "precipitation"), days.size()).gt(0);

    int trainDays = indexOf(days, VALIDATION_START);
    int testDay = indexOf(days, TEST_START);
    Tensor past = features.narrow(0, 0, trainDays);
    Tensor scaled = features.sub(past.mean(0)).div(past.std(0));

    // Sequence i is the days i to i + 9, and day i + 10 is its tomorrow.
    Tensor x = scaled.unfold(0, STEPS, 1).transpose(1, 2);
    int[] bounds = {0, trainDays - STEPS, testDay - STEPS, days.size() - STEPS};
    Part[] parts = new Part[3];
    for (int i = 0; i < parts.length; i++) {
      long start = bounds[i];
      long size = bounds[i + 1] - start;
      parts[i] =
          new Part(
              x.narrow(0, start, size).contiguous(),
              rain.narrow(0, start + STEPS - 1, size),
              rain.narrow(0, start + STEPS, size));
    }
    return new WeatherData(parts[0], parts[1], parts[2]);
  }

  private static Tensor features(List<CSVRecord> days) {
    int n = days.size();
    double[] angle =
        days.stream()
            .mapToDouble(day -> 2 * Math.PI * (date(day).getDayOfYear() - 1) / 365.25)
            .toArray();
    return Torch.stack(
            List.of(
                Torch.tensor(column(days, "precipitation"), n).log1p(),
                Torch.tensor(column(days, "temp_max"), n),
                Torch.tensor(column(days, "temp_min"), n),
                Torch.tensor(column(days, "wind"), n),
                Torch.tensor(angle, n).cos()),
            1)
        .to(DType.FLOAT32);
  }

  private static LocalDate date(CSVRecord day) {
    return LocalDate.parse(day.get("date"));
  }

  private static int indexOf(List<CSVRecord> days, LocalDate date) {
    return days.stream().map(WeatherData::date).toList().indexOf(date);
  }
}
