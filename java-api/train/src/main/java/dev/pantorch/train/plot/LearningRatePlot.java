package dev.pantorch.train.plot;

import dev.pantorch.ValueException;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// What the loss did while the learning rate rose: the picture of a learning-rate finder.
///
/// ```java
/// new LearningRatePlot(rates, losses, 3e-3).save(Path.of("rates.png"));
/// ```
public final class LearningRatePlot extends LinePlot {
  /// Draws the curve.
  ///
  /// @param rates the learning rates, greater than 0
  /// @param losses the loss at each; one that is not finite leaves a gap
  /// @param suggestion the rate to mark; NaN for none
  /// @throws ValueException if the lengths differ, a rate is not greater than 0, no loss is finite,
  ///   or the suggestion is none of the rates
  public LearningRatePlot(double[] rates, double[] losses, double suggestion) {
    super("Learning-rate finder", "learning rate (logarithmic)", "loss");
    for (double rate : rates) {
      if (!(rate > 0))
        throw new ValueException("a learning rate of %s cannot be drawn".formatted(rate));
    }
    chart.getStyler().setXAxisLogarithmic(true).setLegendVisible(!Double.isNaN(suggestion));
    line("loss", rates, losses);
    if (Double.isNaN(suggestion)) return;
    int at = 0;
    while (at < rates.length && rates[at] != suggestion) at++;
    if (at == rates.length) {
      throw new ValueException("the suggestion %s is none of the rates".formatted(suggestion));
    }
    line(
            "suggestion: %.2e".formatted(suggestion),
            new double[] {suggestion},
            new double[] {losses[at]})
        .setMarker(SeriesMarkers.DIAMOND)
        .setLineStyle(SeriesLines.NONE);
  }
}
