package dev.pantorch.train.plot;

import dev.pantorch.ValueException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Lines over a common horizontal axis.
public abstract sealed class LinePlot extends Plot
    permits CurvePlot, ForecastPlot, LearningRatePlot {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 540;
  private static final float LINE_WIDTH = 1.8f;

  // Told apart by those who see no red or green, and on a grey print.
  private static final Color[] COLORS = {
    new Color(0x1f, 0x77, 0xb4),
    new Color(0xff, 0x7f, 0x0e),
    new Color(0x2c, 0xa0, 0x2c),
    new Color(0xd6, 0x27, 0x28),
    new Color(0x94, 0x67, 0xbd),
    new Color(0x8c, 0x56, 0x4b),
    new Color(0xe3, 0x77, 0xc2),
    new Color(0x17, 0xbe, 0xcf)
  };

  final XYChart chart;
  private final Set<String> names = new LinkedHashSet<>();

  LinePlot(String title, String xLabel, String yLabel) {
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xLabel)
            .yAxisTitle(yLabel)
            .build();
    XYStyler styler = chart.getStyler();
    styler
        .setYAxisTickMarkSpacingHint(50)
        .setXAxisTickMarkSpacingHint(70)
        .setPlotGridLinesColor(new Color(0xe4, 0xe4, 0xe4))
        .setPlotGridLinesStroke(new BasicStroke(1));
    styler
        .setSeriesColors(COLORS)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setLegendBorderColor(Color.WHITE)
        .setPlotBorderColor(Color.LIGHT_GRAY)
        .setChartBackgroundColor(Color.WHITE);
  }

  /// Adds a line. A value that is not finite leaves a gap.
  final XYSeries line(String name, double[] x, double[] y) {
    if (!names.add(name)) {
      throw new ValueException("the plot has a line '%s' already".formatted(name));
    }
    if (x.length != y.length) {
      throw new ValueException(
          "'%s' has %d places but %d values".formatted(name, x.length, y.length));
    }
    if (Arrays.stream(y).noneMatch(Double::isFinite)) {
      throw new ValueException(
          "'%s' has no finite value among its %d values, so nothing can be drawn"
              .formatted(name, y.length));
    }
    double[] drawn =
        Arrays.stream(y).map(value -> Double.isFinite(value) ? value : Double.NaN).toArray();
    XYSeries series = chart.addSeries(name, x, drawn);
    // A line of one point would be invisible.
    long points = Arrays.stream(drawn).filter(Double::isFinite).count();
    series.setMarker(points == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    series.setLineStyle(new BasicStroke(LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return series;
  }

  @Override
  final XYChart chart() {
    if (names.isEmpty()) throw new ValueException("the plot has no lines yet");
    return chart;
  }
}
