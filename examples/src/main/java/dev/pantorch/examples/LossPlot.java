package dev.pantorch.examples;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Draws how the losses fell, epoch by epoch. Needs no display.
final class LossPlot {
  private LossPlot() {}

  /// Writes a PNG.
  ///
  /// @param training the loss of each epoch, the first epoch first
  /// @param validation the same on the validation part
  /// @param best the epoch whose weights are kept, counted from 1
  static void write(
      Path file, String title, List<Double> training, List<Double> validation, int best)
      throws IOException {
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(540)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle("loss")
            .build();
    chart
        .getStyler()
        .setYAxisDecimalPattern("0.00")
        .setXAxisTickMarkSpacingHint(60)
        .setLegendPosition(LegendPosition.InsideNE)
        .setChartBackgroundColor(Color.WHITE);
    List<Integer> epochs = IntStream.rangeClosed(1, training.size()).boxed().toList();
    chart.addSeries("training", epochs, training).setMarker(SeriesMarkers.NONE);
    chart.addSeries("validation", epochs, validation).setMarker(SeriesMarkers.NONE);
    chart
        .addSeries("kept: epoch " + best, List.of(best), List.of(validation.get(best - 1)))
        .setMarker(SeriesMarkers.CIRCLE);
    ChartEncoder.saveChart(chart, file.toString(), "png");
  }
}
