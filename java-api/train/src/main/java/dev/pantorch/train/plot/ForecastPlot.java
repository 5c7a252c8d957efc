package dev.pantorch.train.plot;

import dev.pantorch.ValueException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// A series, what it did then, and what was forecast.
///
/// ```java
/// new ForecastPlot("Carbon dioxide", "ppm", months, 120) // 120 months are known, 24 were forecast
///     .history(known)
///     .truth(actual)
///     .forecast("LSTM", predicted)
///     .baseline("seasonal naive", naive)
///     .band("80 % of errors", lower, upper)
///     .save(Path.of("forecast.png"));
/// ```
///
/// The times are those of the history and then those of the horizon. A value that is not finite
/// leaves a gap.
public final class ForecastPlot extends LinePlot {
  private static final double DAY = 86_400;
  private static final double YEAR = 365.25 * DAY;
  private static final Color TRUTH = new Color(0x40, 0x40, 0x40);
  private static final int BAND_ALPHA = 60;
  private static final float[] DASHES = {6, 5};

  private final double[] times;
  private final int horizon;

  /// A plot over dates or times of day.
  ///
  /// @param title what it is about
  /// @param yLabel what the values are, with their unit
  /// @param times `LocalDate`, `YearMonth`, `LocalDateTime`, `ZonedDateTime` or `Instant`, rising;
  ///   in universal time where they have no zone
  /// @param history how many of the times are those of the history
  /// @throws ValueException if times do not rise or are of another type, or not so many are there
  public ForecastPlot(String title, String yLabel, List<? extends Temporal> times, int history) {
    this(title, "", yLabel, times.stream().mapToDouble(ForecastPlot::seconds).toArray(), history);
    double span = this.times[this.times.length - 1] - this.times[0];
    String pattern =
        span > 6 * YEAR
            ? "yyyy"
            : span > YEAR ? "MMM yyyy" : span > 3 * DAY ? "d MMM" : "d MMM HH:mm";
    var format = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            second -> format.format(Instant.ofEpochSecond(Math.round(second))));
  }

  /// A plot over numbers: steps, hours, years.
  ///
  /// @param title what it is about
  /// @param xLabel what the times are, with their unit
  /// @param yLabel what the values are, with their unit
  /// @param times rising
  /// @param history how many of the times are those of the history
  /// @throws ValueException if times do not rise, or not so many are there
  public ForecastPlot(String title, String xLabel, String yLabel, double[] times, int history) {
    super(title, xLabel, yLabel);
    if (history < 0 || history >= times.length) {
      throw new ValueException(
          "%d times are given, of which the history cannot have %d and leave some for the horizon"
              .formatted(times.length, history));
    }
    for (int i = 1; i < times.length; i++) {
      if (!(times[i] > times[i - 1])) {
        throw new ValueException(
            "times must rise, but number %d does not come after number %d".formatted(i, i - 1));
      }
    }
    this.times = times.clone();
    this.horizon = history;
    if (history > 0) {
      chart.getStyler().setAnnotationLineColor(Color.LIGHT_GRAY);
      chart.addAnnotation(new AnnotationLine(times[history - 1], true, false));
    }
  }

  private static double seconds(Temporal time) {
    return switch (time) {
      case LocalDate date -> date.atStartOfDay().toEpochSecond(ZoneOffset.UTC);
      case YearMonth month -> month.atDay(1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
      case LocalDateTime moment -> moment.toEpochSecond(ZoneOffset.UTC);
      case ZonedDateTime moment -> moment.toEpochSecond();
      case Instant moment -> moment.getEpochSecond();
      default ->
          throw new ValueException(
              "times are LocalDate, YearMonth, LocalDateTime, ZonedDateTime or Instant, but got a "
                  + time.getClass().getName());
    };
  }

  /// Draws what was known when the forecast was made.
  ///
  /// @param values one for each time of the history, or only the last of them
  /// @return this plot
  /// @throws ValueException if there are more values than times
  public ForecastPlot history(double... values) {
    int from = horizon - values.length;
    if (from < 0) {
      throw new ValueException(
          "the history has %d times but %d values".formatted(horizon, values.length));
    }
    line("history", Arrays.copyOfRange(times, from, horizon), values)
        .setLineColor(new Color(0x9a, 0x9a, 0x9a));
    return this;
  }

  /// Draws what then happened.
  ///
  /// @param values from the first time of the horizon on
  /// @return this plot
  /// @throws ValueException if there are more values than times
  public ForecastPlot truth(double... values) {
    ahead("truth", 0, values).setMarkerColor(TRUTH).setLineColor(TRUTH);
    return this;
  }

  /// Draws a forecast.
  ///
  /// @param name stands in the legend
  /// @param values from the first time of the horizon on
  /// @return this plot
  /// @throws ValueException if there are more values than times, or the name is taken
  public ForecastPlot forecast(String name, double... values) {
    return forecast(name, 0, values);
  }

  /// Draws a forecast that begins later in the horizon, one of several.
  ///
  /// @param name stands in the legend
  /// @param from its first time, counted from 0 at the beginning of the horizon
  /// @param values from there on
  /// @return this plot
  /// @throws ValueException if there are more values than times, or the name is taken
  public ForecastPlot forecast(String name, int from, double[] values) {
    ahead(name, from, values);
    return this;
  }

  /// Draws a forecast to be beaten, dashed.
  ///
  /// @param name stands in the legend
  /// @param values from the first time of the horizon on
  /// @return this plot
  /// @throws ValueException if there are more values than times, or the name is taken
  public ForecastPlot baseline(String name, double... values) {
    ahead(name, 0, values)
        .setLineStyle(
            new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, DASHES, 0));
    return this;
  }

  /// Draws an area between two lines, in which the truth is expected.
  ///
  /// @param name stands in the legend: what share of cases is expected there
  /// @param lower from the first time of the horizon on
  /// @param upper as many
  /// @return this plot
  /// @throws ValueException if the lengths differ, a value is not finite, there are more values
  ///   than times, or the name is taken
  public ForecastPlot band(String name, double[] lower, double[] upper) {
    int length = lower.length;
    if (upper.length != length) {
      throw new ValueException(
          "band '%s' has %d lower but %d upper values".formatted(name, length, upper.length));
    }
    checkFits(name, 0, length);
    double[] x = new double[2 * length];
    double[] y = new double[2 * length];
    for (int i = 0; i < length; i++) {
      if (!Double.isFinite(lower[i]) || !Double.isFinite(upper[i])) {
        throw new ValueException("band '%s' has a value that is not finite".formatted(name));
      }
      x[i] = x[2 * length - 1 - i] = times[horizon + i];
      y[i] = upper[i];
      y[2 * length - 1 - i] = lower[i];
    }
    Color blue = new Color(0x1f, 0x77, 0xb4, BAND_ALPHA);
    XYSeries series = line(name, x, y);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    series.setMarker(SeriesMarkers.NONE).setLineColor(new Color(0, 0, 0, 0)).setFillColor(blue);
    return this;
  }

  private XYSeries ahead(String name, int from, double[] values) {
    checkFits(name, from, values.length);
    return line(
        name, Arrays.copyOfRange(times, horizon + from, horizon + from + values.length), values);
  }

  private void checkFits(String name, int from, int length) {
    if (from < 0 || horizon + from + length > times.length) {
      throw new ValueException(
          "'%s' has %d values from time %d of a horizon of %d"
              .formatted(name, length, from, times.length - horizon));
    }
  }
}
