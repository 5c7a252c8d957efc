package dev.pantorch.data;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.function.Consumer;

/// A series cut into training, validation and test in the order of time, so that nothing of the
/// future reaches the training.
///
/// ```java
/// TimeSplit split = TimeSplit.byFraction(series, 0.7, 0.15);
/// Scaler scaler = split.fitScaler(new StandardScaler()); // sees the training part only
/// TimeSplit scaled = split.transform(scaler);
/// WindowDataset train = scaled.trainingWindows(24, 6, o -> {});
/// WindowDataset test = scaled.testWindows(24, 6, o -> {});
/// ```
///
/// Training windows lie within the training part. Validation and test windows take their
/// **history** from before the border too, as a forecast on the first day of the test would, but
/// every **target** lies within the part: no target is in two parts.
///
/// **Shape.** Series $(T, C)$.
public final class TimeSplit {
  private final Tensor series;
  private final long trainingEnd;
  private final long validationEnd;

  private TimeSplit(Tensor series, long trainingEnd, long validationEnd) {
    this.series = series;
    this.trainingEnd = trainingEnd;
    this.validationEnd = validationEnd;
  }

  /// Cuts at two steps.
  ///
  /// @param series $(T, C)$
  /// @param trainingEnd the first step after the training part
  /// @param validationEnd the first step after the validation part, where the test begins
  /// @return the split
  /// @throws ShapeException if the series is no table
  /// @throws ValueException if the borders are out of order
  public static TimeSplit at(Tensor series, long trainingEnd, long validationEnd) {
    if (series.dim() != 2) {
      throw new ShapeException(
          "a series has the shape (time, features), but this has "
              + java.util.Arrays.toString(series.shape()));
    }
    if (trainingEnd <= 0 || validationEnd < trainingEnd || series.size(0) < validationEnd) {
      throw new ValueException(
          "borders at %d and %d do not split a series of %d steps"
              .formatted(trainingEnd, validationEnd, series.size(0)));
    }
    return new TimeSplit(series, trainingEnd, validationEnd);
  }

  /// Cuts by fractions; the rest is the test part.
  ///
  /// @param series $(T, C)$
  /// @param training the training part's fraction
  /// @param validation the validation part's fraction
  /// @return the split
  /// @throws ValueException if the fractions leave nothing to train on, or are more than the whole
  public static TimeSplit byFraction(Tensor series, double training, double validation) {
    long steps = series.size(0);
    long first = (long) Math.floor(steps * training);
    return at(series, first, (long) Math.floor(steps * (training + validation)));
  }

  /// Fits a scaler on the training part.
  ///
  /// @param scaler the scaler
  /// @param <S> its type
  /// @return the same scaler
  public <S extends Scaler> S fitScaler(S scaler) {
    try (Tensor training = series.narrow(0, 0, trainingEnd)) {
      scaler.fit(training);
    }
    return scaler;
  }

  /// The same split of the scaled series.
  ///
  /// @param scaler a fitted scaler
  /// @return the split
  public TimeSplit transform(Scaler scaler) {
    return new TimeSplit(scaler.transform(series), trainingEnd, validationEnd);
  }

  /// The training part.
  ///
  /// @return a view
  public Tensor training() {
    return series.narrow(0, 0, trainingEnd);
  }

  /// The validation part.
  ///
  /// @return a view
  public Tensor validation() {
    return series.narrow(0, trainingEnd, validationEnd - trainingEnd);
  }

  /// The test part.
  ///
  /// @return a view
  public Tensor test() {
    return series.narrow(0, validationEnd, series.size(0) - validationEnd);
  }

  /// Windows within the training part.
  ///
  /// @param inputLength steps of history
  /// @param horizon steps to forecast
  /// @param settings sets the windows' options
  /// @return the windows
  public WindowDataset trainingWindows(
      int inputLength, int horizon, Consumer<WindowDataset.Options> settings) {
    return windows(0, trainingEnd, inputLength, horizon, settings);
  }

  /// Windows whose targets lie within the validation part.
  ///
  /// @param inputLength steps of history
  /// @param horizon steps to forecast
  /// @param settings sets the windows' options
  /// @return the windows
  public WindowDataset validationWindows(
      int inputLength, int horizon, Consumer<WindowDataset.Options> settings) {
    return windows(trainingEnd - inputLength, validationEnd, inputLength, horizon, settings);
  }

  /// Windows whose targets lie within the test part.
  ///
  /// @param inputLength steps of history
  /// @param horizon steps to forecast
  /// @param settings sets the windows' options
  /// @return the windows
  public WindowDataset testWindows(
      int inputLength, int horizon, Consumer<WindowDataset.Options> settings) {
    return windows(validationEnd - inputLength, series.size(0), inputLength, horizon, settings);
  }

  private WindowDataset windows(
      long from, long to, int inputLength, int horizon, Consumer<WindowDataset.Options> settings) {
    long start = Math.max(0, from);
    try (Tensor part = series.narrow(0, start, to - start)) {
      return new WindowDataset(part, inputLength, horizon, settings);
    }
  }
}
