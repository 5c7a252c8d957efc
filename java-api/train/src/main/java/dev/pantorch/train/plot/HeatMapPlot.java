package dev.pantorch.train.plot;

import dev.pantorch.ValueException;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/// Coloured cells in rows and columns, the first row on top.
public abstract sealed class HeatMapPlot extends Plot permits ConfusionPlot, AttentionPlot {
  private static final int MAX_SIZE = 1600;
  // Room for a title.
  private static final int MIN_WIDTH = 480;
  private static final int MARGIN = 170;
  private static final Color DARKEST = new Color(0x6b, 0xae, 0xd6);
  private static final int LABEL_SPACING = 12;

  final HeatMapChart chart;

  HeatMapPlot(
      String title,
      String xLabel,
      String yLabel,
      List<String> rows,
      List<String> columns,
      double[][] values,
      int cell,
      String pattern) {
    check(rows, columns, values);
    chart =
        new HeatMapChartBuilder()
            .width(Math.max(size(columns.size(), cell, longest(rows)), MIN_WIDTH))
            .height(size(rows.size(), cell, longest(columns)))
            .title(title)
            .xAxisTitle(xLabel)
            .yAxisTitle(yLabel)
            .build();
    boolean numbers = (double) Math.min(MAX_SIZE, columns.size() * cell) / columns.size() >= 34;
    HeatMapStyler styler = chart.getStyler();
    styler
        .setShowValue(numbers)
        .setHeatMapValueDecimalPattern(pattern)
        .setValueFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11))
        .setRangeColors(new Color[] {Color.WHITE, DARKEST});
    styler
        // Small enough for a label at every row and column.
        .setXAxisTickMarkSpacingHint(LABEL_SPACING)
        .setYAxisTickMarkSpacingHint(LABEL_SPACING)
        .setXAxisLabelRotation(longest(columns) * 8 > cell ? 60 : 0)
        .setPlotGridLinesVisible(false);
    styler.setPlotContentSize(1).setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
    List<Number[]> cells = new ArrayList<>();
    for (int column = 0; column < columns.size(); column++) {
      for (int row = 0; row < rows.size(); row++) {
        cells.add(new Number[] {column, rows.size() - 1 - row, values[row][column]});
      }
    }
    chart.addSeries(title, List.copyOf(columns), List.copyOf(rows).reversed(), cells);
  }

  private static void check(List<String> rows, List<String> columns, double[][] values) {
    if (rows.isEmpty() || columns.isEmpty()) throw new ValueException("there is nothing to draw");
    if (values.length != rows.size()) {
      throw new ValueException(
          "%d rows of values for %d names".formatted(values.length, rows.size()));
    }
    for (int row = 0; row < values.length; row++) {
      if (values[row].length != columns.size()) {
        throw new ValueException(
            "row %d has %d values for %d names".formatted(row, values[row].length, columns.size()));
      }
      for (double value : values[row]) {
        if (!Double.isFinite(value)) {
          throw new ValueException("row %d has %s, which cannot be drawn".formatted(row, value));
        }
      }
    }
  }

  private static int longest(List<String> names) {
    return names.stream().mapToInt(String::length).max().orElse(0);
  }

  private static int size(int cells, int cell, int labelLength) {
    return MARGIN + Math.min(cells * cell, MAX_SIZE) + 7 * labelLength;
  }

  @Override
  final HeatMapChart chart() {
    return chart;
  }
}
