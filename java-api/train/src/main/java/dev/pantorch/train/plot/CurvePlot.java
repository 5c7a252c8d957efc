package dev.pantorch.train.plot;

import dev.pantorch.ValueException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Losses and metrics, epoch by epoch.
///
/// ```java
/// new CurvePlot("Rain in Seattle", "loss")
///     .curve("training", trainingLosses)
///     .curve("validation", validationLosses)
///     .mark("kept: epoch 27", 27, validationLosses.get(26))
///     .save(Path.of("loss.png"));
/// ```
///
/// A value that is not finite leaves a gap in its curve.
public final class CurvePlot extends LinePlot {
  /// Options of {@link CurvePlot}.
  public static final class Options {
    private String xLabel = "epoch";
    private boolean logarithmic;

    private Options() {}

    /// What the horizontal axis counts, with its unit if it has one.
    ///
    /// @param xLabel `epoch` unless set
    /// @return these options
    public Options xLabel(String xLabel) {
      this.xLabel = xLabel;
      return this;
    }

    /// Whether values are drawn by their logarithms. They must then be greater than 0.
    ///
    /// @param logarithmic false unless set
    /// @return these options
    public Options logarithmic(boolean logarithmic) {
      this.logarithmic = logarithmic;
      return this;
    }
  }

  /// A plot over epochs, without curves yet.
  ///
  /// @param title what it is about
  /// @param yLabel what the values are, with their unit if they have one
  public CurvePlot(String title, String yLabel) {
    this(title, yLabel, o -> {});
  }

  /// A plot without curves yet.
  ///
  /// @param title what it is about
  /// @param yLabel what the values are, with their unit if they have one
  /// @param settings sets the options
  public CurvePlot(String title, String yLabel, Consumer<Options> settings) {
    this(title, yLabel, options(settings));
  }

  private CurvePlot(String title, String yLabel, Options options) {
    super(title, options.xLabel, yLabel);
    chart.getStyler().setYAxisLogarithmic(options.logarithmic);
  }

  private static Options options(Consumer<Options> settings) {
    Options options = new Options();
    settings.accept(options);
    return options;
  }

  /// The losses of a training, with the epoch marked whose weights are kept.
  ///
  /// @param title what it is about
  /// @param training the loss of each epoch, the first epoch first
  /// @param validation the same on the validation part
  /// @param kept the epoch whose weights are kept, counted from 1
  /// @return the plot
  /// @throws ValueException if no loss is finite, or there is no such epoch
  public static CurvePlot losses(
      String title, List<Double> training, List<Double> validation, int kept) {
    if (kept < 1 || kept > validation.size()) {
      throw new ValueException(
          "epoch %d is kept, but there are %d epochs".formatted(kept, validation.size()));
    }
    return new CurvePlot(title, "loss")
        .curve("training", training)
        .curve("validation", validation)
        .mark("kept: epoch " + kept, kept, validation.get(kept - 1));
  }

  /// Adds a curve with a value for each epoch.
  ///
  /// @param name stands in the legend
  /// @param values that of epoch 1 first
  /// @return this plot
  /// @throws ValueException if no value is finite, there is a curve of that name, or a value has no
  ///   logarithm and needs one
  public CurvePlot curve(String name, List<? extends Number> values) {
    return curve(
        name,
        IntStream.rangeClosed(1, values.size()).asDoubleStream().toArray(),
        values.stream().mapToDouble(Number::doubleValue).toArray());
  }

  /// Adds a curve with values at any places.
  ///
  /// @param name stands in the legend
  /// @param x the places: steps, hours
  /// @param y a value for each
  /// @return this plot
  /// @throws ValueException if no value is finite, there is a curve of that name, the lengths
  ///   differ, or a value has no logarithm and needs one
  public CurvePlot curve(String name, double[] x, double[] y) {
    if (chart.getStyler().isYAxisLogarithmic()) {
      for (double value : y) {
        if (value <= 0) {
          throw new ValueException("'%s' has %s, which has no logarithm".formatted(name, value));
        }
      }
    }
    line(name, x, y);
    return this;
  }

  /// Marks one point, as the epoch whose weights are kept.
  ///
  /// @param name stands in the legend
  /// @param x its epoch
  /// @param y its value
  /// @return this plot
  /// @throws ValueException if the value is not finite or the name is taken
  public CurvePlot mark(String name, double x, double y) {
    XYSeries point = line(name, new double[] {x}, new double[] {y});
    point.setMarker(SeriesMarkers.DIAMOND);
    point.setLineStyle(org.knowm.xchart.style.lines.SeriesLines.NONE);
    return this;
  }
}
