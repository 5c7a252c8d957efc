package dev.pantorch.examples;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;

/// Draws which class was taken for which. Needs no display.
final class ConfusionPlot {
  private static final int LABEL_SPACING = 20;

  private ConfusionPlot() {}

  /// Writes a PNG.
  ///
  /// @param classes their names
  /// @param shares of each class (row) the share that was taken for a class (column)
  static void write(Path file, String title, List<String> classes, double[][] shares)
      throws IOException {
    System.setProperty("java.awt.headless", "true");
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(900)
            .height(780)
            .title(title)
            .xAxisTitle("predicted, in percent of the true class")
            .yAxisTitle("true class")
            .build();
    chart
        .getStyler()
        .setShowValue(true)
        .setHeatMapValueDecimalPattern("0.0")
        .setRangeColors(new Color[] {Color.WHITE, new Color(0x6b, 0xae, 0xd6)})
        // Small enough for a label at every class.
        .setXAxisTickMarkSpacingHint(LABEL_SPACING)
        .setYAxisTickMarkSpacingHint(LABEL_SPACING)
        .setLegendVisible(false)
        .setChartBackgroundColor(Color.WHITE);
    List<Number[]> cells = new ArrayList<>();
    for (int predicted = 0; predicted < classes.size(); predicted++) {
      for (int actual = 0; actual < classes.size(); actual++) {
        // Beginning at the top, as tables do.
        int row = classes.size() - 1 - actual;
        cells.add(new Number[] {predicted, row, 100 * shares[actual][predicted]});
      }
    }
    chart.addSeries("percent of the true class", classes, classes.reversed(), cells);
    ChartEncoder.saveChart(chart, file.toString(), "png");
  }
}
