package dev.pantorch.train.plot;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import dev.pantorch.ValueException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.internal.chartpart.Chart;

/// A picture that can be written as PNG or SVG, without a display.
///
/// ```java
/// new CurvePlot("Rain in Seattle", "loss")
///     .curve("training", trainingLosses)
///     .curve("validation", validationLosses)
///     .save(Path.of("loss.png"));
/// ```
///
/// Unless the program has set the system property `java.awt.headless`, the first plot sets it to
/// true; a program that also opens windows sets it to false at its start.
public abstract sealed class Plot permits LinePlot, HeatMapPlot {
  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  Plot() {}

  abstract Chart<?, ?> chart();

  /// Writes the picture, in place of a file that may be there.
  ///
  /// @param file ends with `.png` or `.svg`; its folder must be there
  /// @throws ValueException if the name has another ending
  /// @throws IOException if the file cannot be written
  public void save(Path file) throws IOException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".png") && !name.endsWith(".svg")) {
      throw new ValueException(
          "a plot is saved as .png or .svg, by the file's ending, but got " + file);
    }
    Chart<?, ?> chart = chart();
    try (OutputStream out = Files.newOutputStream(file)) {
      if (name.endsWith(".svg")) {
        var graphics = new VectorGraphics2D();
        chart.paint(graphics, chart.getWidth(), chart.getHeight());
        Processors.get("svg")
            .getDocument(
                graphics.getCommands(), new PageSize(0, 0, chart.getWidth(), chart.getHeight()))
            .writeTo(out);
      } else {
        ChartEncoder.saveChart(chart, out, "png");
      }
    }
  }

  /// The picture as the bytes of a PNG file, for TensorBoard or a web page.
  ///
  /// @return a new array
  public byte[] png() {
    var out = new ByteArrayOutputStream();
    try {
      ChartEncoder.saveChart(chart(), out, "png");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
