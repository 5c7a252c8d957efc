package dev.pantorch.train.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.junit.LeakCheck;
import dev.pantorch.metrics.ConfusionMatrix;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

@ExtendWith(LeakCheck.class)
class PlotTest {
  private static final Color BLUE = new Color(0x1f, 0x77, 0xb4);
  private static final Color ORANGE = new Color(0xff, 0x7f, 0x0e);

  @TempDir Path folder;

  private static CurvePlot losses() {
    return CurvePlot.losses(
        "Rain in Seattle", List.of(0.67, 0.62, 0.61, 0.55), List.of(0.63, 0.60, 0.58, 0.61), 3);
  }

  private static ForecastPlot forecast() {
    List<YearMonth> months =
        IntStream.range(0, 60).mapToObj(i -> YearMonth.of(2010, 1).plusMonths(i)).toList();
    double[] series =
        IntStream.range(0, 60)
            .mapToDouble(i -> 390 + 0.2 * i + 3 * Math.sin(i * Math.PI / 6))
            .toArray();
    double[] truth = Arrays.copyOfRange(series, 48, 60);
    return new ForecastPlot("Carbon dioxide", "ppm", months, 48)
        .history(Arrays.copyOfRange(series, 0, 48))
        .truth(truth)
        .forecast("LSTM", IntStream.range(0, 12).mapToDouble(i -> truth[i] + 0.2).toArray())
        .baseline("seasonal naive", Arrays.copyOfRange(series, 36, 48))
        .band(
            "80 % of errors",
            IntStream.range(0, 12).mapToDouble(i -> truth[i] - 1).toArray(),
            IntStream.range(0, 12).mapToDouble(i -> truth[i] + 1).toArray());
  }

  private static int count(BufferedImage image, Color color) {
    int pixels = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        if (image.getRGB(x, y) == color.getRGB()) pixels++;
      }
    }
    return pixels;
  }

  private static BufferedImage image(Plot plot) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(plot.png()));
  }

  /// What the picture says in words. In the files letters are shapes, so that they look the same
  /// everywhere; so both files are made, too.
  private List<String> words(Plot plot) throws Exception {
    Path file = folder.resolve("plot.SVG");
    plot.save(file);
    Element svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new InputSource(
                    new StringReader(Files.readString(file).replaceFirst("<!DOCTYPE[^>]*>", ""))))
            .getDocumentElement();
    BufferedImage png = image(plot);
    assertThat(svg.getAttribute("viewBox")).endsWith(png.getWidth() + " " + png.getHeight());
    var words = new ArrayList<String>();
    Chart<?, ?> chart = plot.chart();
    words.add(chart.getTitle());
    if (chart instanceof XYChart lines) {
      words.add(lines.getXAxisTitle());
      words.add(lines.getYAxisTitle());
      for (XYSeries series : lines.getSeriesCollection()) words.add(series.getName());
      Function<Double, String> format = lines.getStyler().getXAxisTickLabelsFormattingFunction();
      if (format != null) {
        for (XYSeries series : lines.getSeriesCollection())
          words.add(format.apply(series.getXData()[0]));
      }
    } else if (chart instanceof HeatMapChart cells) {
      words.add(cells.getXAxisTitle());
      words.add(cells.getYAxisTitle());
      cells.getHeatMapSeries().getXData().forEach(label -> words.add("column " + label));
      cells.getHeatMapSeries().getYData().forEach(label -> words.add("row " + label));
      var format = new DecimalFormat(cells.getStyler().getHeatMapValueDecimalPattern());
      for (Number[] cell : cells.getHeatMapSeries().getHeatData())
        words.add(format.format(cell[2]));
    }
    return words;
  }

  @Test
  void should_draw_curves() throws Exception {
    Path file = folder.resolve("loss.png");
    losses().save(file);
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(900);
    assertThat(image.getHeight()).isEqualTo(540);
    // Lines across some 800 pixels, 1.8 wide, of which the edges are blended.
    assertThat(count(image, BLUE)).isGreaterThan(300);
    assertThat(count(image, ORANGE)).isGreaterThan(300);
    assertThat(words(losses()))
        .contains("Rain in Seattle", "epoch", "loss", "training", "validation", "kept: epoch 3");
  }

  @Test
  void should_leave_a_gap_where_a_value_is_not_finite() throws Exception {
    List<Double> whole = List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.5);
    List<Double> broken = List.of(1.0, 1.0, Double.NaN, Double.POSITIVE_INFINITY, 1.0, 1.5);
    int all = count(image(new CurvePlot("a", "b").curve("c", whole)), BLUE);
    int some = count(image(new CurvePlot("a", "b").curve("c", broken)), BLUE);
    assertThat(some).isBetween(all / 4, all * 3 / 4);
  }

  @Test
  void should_draw_a_forecast_over_dates() throws Exception {
    BufferedImage image = image(forecast());
    assertThat(count(image, new Color(0x40, 0x40, 0x40))).isGreaterThan(50);
    assertThat(words(forecast()))
        .contains(
            "Carbon dioxide",
            "ppm",
            "LSTM",
            "seasonal naive",
            "80 % of errors",
            "Jan 2010",
            "Jan 2014");
  }

  @Test
  void should_draw_forecasts_over_numbers_and_hours() throws Exception {
    double[] hours = IntStream.range(0, 48).asDoubleStream().toArray();
    var numbers =
        new ForecastPlot("Load", "hour", "MW", hours, 24)
            .truth(IntStream.range(0, 24).asDoubleStream().toArray())
            .forecast("second half", 12, new double[] {12, 12.5, 14});
    assertThat(words(numbers)).contains("hour", "MW", "second half");
    var times =
        IntStream.range(0, 48)
            .mapToObj(hour -> LocalDate.of(2015, 7, 1).atTime(LocalTime.MIN).plusHours(hour))
            .toList();
    assertThat(words(new ForecastPlot("Load", "MW", times, 24).history(hours[3], hours[4])))
        .contains("1 Jul 22:00");
  }

  @Test
  void should_draw_confusion_matrices() throws Exception {
    var matrix = new ConfusionMatrix(3);
    matrix.update(
        Torch.tensor(new long[] {0, 1, 2, 2, 2, 1}), Torch.tensor(new long[] {0, 1, 2, 2, 1, 1}));
    List<String> classes = List.of("noun", "verb", "other");
    assertThat(words(ConfusionPlot.counts("Tags", classes, matrix.counts())))
        .containsExactly(
            "Tags",
            "predicted class",
            "true class",
            "column noun",
            "column verb",
            "column other",
            // From below, as charts count.
            "row other",
            "row verb",
            "row noun",
            // Column by column, from the top.
            "1",
            "0",
            "0",
            "0",
            "2",
            "0",
            "0",
            "1",
            "2");
    assertThat(
            words(
                ConfusionPlot.shares(
                    "Tags", classes, matrix.normalized(ConfusionMatrix.Normalize.TRUE))))
        .contains("66.7", "33.3", "100.0", "predicted class, in percent of the true class");
  }

  @Test
  void should_draw_attention() throws Exception {
    List<String> words = List.of("the", "dog", "saw", "the", "cat");
    Tensor weights = Torch.eye(5).mul(0.5).add(0.1);
    assertThat(words(new AttentionPlot("Who looks at whom", words, words, weights)))
        .contains("row dog", "column cat", "0.60", "0.10");
    assertThat(words(new AttentionPlot("What told", words, weights.select(0, 1))))
        .containsExactly(
            "What told",
            "looked at",
            "",
            "column the",
            "column dog",
            "column saw",
            "column the",
            "column cat",
            "row  ",
            "0.10",
            "0.60",
            "0.10",
            "0.10",
            "0.10");
  }

  @Test
  void should_draw_a_learning_rate_finder() throws Exception {
    double[] rates =
        IntStream.range(0, 50).mapToDouble(i -> 1e-6 * Math.pow(10, i / 10.0)).toArray();
    double[] losses =
        IntStream.range(0, 50)
            .mapToDouble(i -> i < 30 ? 2 : i < 40 ? 2 - (i - 30) * 0.1 : i * 0.1 - 3)
            .toArray();
    assertThat(words(new LearningRatePlot(rates, losses, rates[34])))
        .contains("learning rate (logarithmic)", "suggestion: 2.51e-03");
    assertThat(words(new LearningRatePlot(rates, losses, Double.NaN)))
        .containsExactly("Learning-rate finder", "learning rate (logarithmic)", "loss", "loss");
  }

  @Test
  void should_refuse_what_cannot_be_drawn() {
    assertThatThrownBy(() -> losses().save(folder.resolve("loss.jpg")))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "a plot is saved as .png or .svg, by the file's ending, but got "
                + folder.resolve("loss.jpg"));
    assertThatThrownBy(() -> losses().save(folder.resolve("none/loss.png")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> new CurvePlot("a", "b").png()).hasMessage("the plot has no lines yet");
    assertThatThrownBy(() -> losses().curve("training", List.of(1)))
        .hasMessage("the plot has a line 'training' already");
    assertThatThrownBy(() -> new CurvePlot("a", "b").curve("c", List.of(Double.NaN)))
        .hasMessage("'c' has no finite value among its 1 values, so nothing can be drawn");
    assertThatThrownBy(() -> new CurvePlot("a", "b").curve("c", new double[2], new double[1]))
        .hasMessage("'c' has 2 places but 1 values");
    assertThatThrownBy(
            () -> new CurvePlot("a", "b", o -> o.logarithmic(true)).curve("c", List.of(1, 0)))
        .hasMessage("'c' has 0.0, which has no logarithm");
    assertThatThrownBy(() -> CurvePlot.losses("a", List.of(1.0), List.of(1.0), 2))
        .hasMessage("epoch 2 is kept, but there are 1 epochs");
    assertThatThrownBy(() -> new LearningRatePlot(new double[] {0}, new double[] {1}, Double.NaN))
        .hasMessage("a learning rate of 0.0 cannot be drawn");
    assertThatThrownBy(() -> new LearningRatePlot(new double[] {1}, new double[] {1}, 2))
        .hasMessage("the suggestion 2.0 is none of the rates");
    assertThatThrownBy(() -> ConfusionPlot.counts("a", List.of("b", "c"), new long[][] {{1, 2}}))
        .hasMessage("1 rows of values for 2 names");
    assertThatThrownBy(() -> ConfusionPlot.counts("a", List.of("b"), new long[][] {{1, 2}}))
        .hasMessage("row 0 has 2 values for 1 names");
    assertThatThrownBy(() -> ConfusionPlot.shares("a", List.of("b"), new double[][] {{Double.NaN}}))
        .hasMessage("row 0 has NaN, which cannot be drawn");
    assertThatThrownBy(() -> new AttentionPlot("a", List.of("b"), Torch.ones(2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("weights have the shape (queries, keys), here [1, 1], but got [1, 2]");
    assertThatThrownBy(() -> new AttentionPlot("a", List.of("b"), Torch.ones(1, 1)))
        .hasMessage("the weights of one query have the shape (keys), but got [1, 1]");
  }

  @Test
  void should_refuse_forecasts_that_do_not_fit_their_times() {
    double[] times = {1, 2, 3};
    var plot = new ForecastPlot("a", "b", "c", times, 1);
    assertThatThrownBy(() -> plot.truth(1, 2, 3))
        .hasMessage("'truth' has 3 values from time 0 of a horizon of 2");
    assertThatThrownBy(() -> plot.history(1, 2)).hasMessage("the history has 1 times but 2 values");
    assertThatThrownBy(() -> plot.band("d", new double[2], new double[1]))
        .hasMessage("band 'd' has 2 lower but 1 upper values");
    assertThatThrownBy(() -> plot.band("d", new double[1], new double[] {Double.NaN}))
        .hasMessage("band 'd' has a value that is not finite");
    assertThatThrownBy(() -> new ForecastPlot("a", "b", "c", times, 3))
        .hasMessage(
            "3 times are given, of which the history cannot have 3 and leave some for the horizon");
    assertThatThrownBy(() -> new ForecastPlot("a", "b", "c", new double[] {1, 1}, 1))
        .hasMessage("times must rise, but number 1 does not come after number 0");
    assertThatThrownBy(() -> new ForecastPlot("a", "b", List.of(LocalTime.MIN), 0))
        .hasMessage(
            "times are LocalDate, YearMonth, LocalDateTime, ZonedDateTime or Instant, but got a"
                + " java.time.LocalTime");
  }
}
