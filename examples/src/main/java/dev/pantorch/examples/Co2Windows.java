package dev.pantorch.examples;

import static dev.pantorch.examples.Co2Model.HORIZON;
import static dev.pantorch.examples.Co2Model.YEAR;

import dev.pantorch.Tensor;
import dev.pantorch.data.Example;
import dev.pantorch.data.Scaler;
import dev.pantorch.data.StandardScaler;
import dev.pantorch.data.TimeSplit;
import dev.pantorch.data.WindowDataset;
import java.time.YearMonth;
import java.util.stream.IntStream;

/// The record of carbon dioxide as questions with answers: some years, and the year after.
///
/// The parts follow one another in time: up to 1999 to train, 2000 to 2009 to validate, from 2010
/// on to test. A window belongs to the part that its whole answer lies in; what it reads is the
/// past by then. The scaler has seen the training part only.
final class Co2Windows {
  private static final YearMonth VALIDATION_START = YearMonth.of(2000, 1);
  private static final YearMonth TEST_START = YearMonth.of(2010, 1);

  private final Co2Data data;
  private final Co2Model.Target target;
  private final int history;
  private final Scaler scaler = new StandardScaler();
  private final Tensor growth;
  private final Part train;
  private final Part validation;
  private final Part test;

  /// Forecasts that are made one after the other, one a month.
  ///
  /// @param windows scaled, in the order of time
  /// @param first the month that the first forecast is made in, counted from the first month that
  ///   has a growth, a year after the first of the record
  /// @param past the level a year before that month and since then (forecast, 13)
  /// @param truth the level of the year after (forecast, 12)
  record Part(WindowDataset windows, long first, Tensor past, Tensor truth) {
    int size() {
      return windows.size();
    }

    /// All windows side by side.
    Example all() {
      return windows.getBatch(IntStream.range(0, size()).toArray());
    }

    /// The forecasts of this part, of those that were made in every month that has a growth.
    Tensor of(Tensor everyMonth) {
      return everyMonth.narrow(0, first, size());
    }

    /// The same as a year before.
    Tensor seasonalNaive() {
      return past.narrow(1, 1, YEAR);
    }

    /// As a year before, and on top what has come since this month a year ago.
    Tensor seasonalNaiveWithDrift() {
      return seasonalNaive().add(past.narrow(1, YEAR, 1).sub(past.narrow(1, 0, 1)));
    }
  }

  /// Cuts the record.
  ///
  /// @param history how many months are read
  Co2Windows(Co2Data data, Co2Model.Target target, int history) {
    this.data = data;
    this.target = target;
    this.history = history;
    Tensor level = data.level();
    Tensor later = level.narrow(0, YEAR, level.size(0) - YEAR);
    growth = later.sub(level.narrow(0, 0, later.size(0)));
    Tensor series = (target == Co2Model.Target.LEVEL ? later : growth).float32().unsqueeze(1);
    int trainingEnd = data.months().indexOf(VALIDATION_START) - YEAR;
    int validationEnd = data.months().indexOf(TEST_START) - YEAR;
    TimeSplit split = TimeSplit.at(series, trainingEnd, validationEnd);
    TimeSplit scaled = split.transform(split.fitScaler(scaler));
    train = part(scaled.trainingWindows(history, HORIZON, o -> {}), history - 1);
    validation = part(scaled.validationWindows(history, HORIZON, o -> {}), trainingEnd - 1);
    test = part(scaled.testWindows(history, HORIZON, o -> {}), validationEnd - 1);
  }

  private Part part(WindowDataset windows, long first) {
    Tensor spans = data.level().unfold(0, YEAR + 1 + HORIZON, 1).narrow(0, first, windows.size());
    return new Part(
        windows, first, spans.narrow(1, 0, YEAR + 1), spans.narrow(1, YEAR + 1, HORIZON));
  }

  Co2Data data() {
    return data;
  }

  Part train() {
    return train;
  }

  Part validation() {
    return validation;
  }

  Part test() {
    return test;
  }

  /// The level of the training part (month).
  Tensor trainingLevel() {
    return data.level().narrow(0, 0, data.months().indexOf(VALIDATION_START));
  }

  /// A model's answers in parts per million.
  ///
  /// @param answers (forecast, 12, 1) of a whole part
  /// @return (forecast, 12), float64
  Tensor ppm(Tensor answers, Part part) {
    Tensor values = scaler.inverseTransform(answers.float64()).squeeze(2);
    return target == Co2Model.Target.LEVEL ? values : values.add(part.seasonalNaive());
  }

  /// The mean of three years' seasons on top of the level and the growth of the last year: what the
  /// model for {@link Co2Model.Target#SEASON} corrects.
  Tensor seasons(Part part) {
    Tensor windows = growth.unfold(0, history, 1).narrow(0, part.first - history + 1, part.size());
    Tensor forecast = Co2Model.base(Co2Model.Target.SEASON, windows.unsqueeze(2));
    return forecast.add(part.seasonalNaive());
  }
}
