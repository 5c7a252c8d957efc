package dev.pantorch.train.plot;

import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.List;

/// Which class was taken for which. Rows are true classes, columns predictions, as in {@link
/// dev.pantorch.metrics.ConfusionMatrix}.
///
/// ```java
/// ConfusionPlot.shares("Tags", names, matrix.normalized(ConfusionMatrix.Normalize.TRUE))
///     .save(Path.of("confusion.png"));
/// ```
public final class ConfusionPlot extends HeatMapPlot {
  private static final int CELL = 48;

  private ConfusionPlot(
      String title, String xLabel, List<String> classes, double[][] values, String pattern) {
    super(title, xLabel, "true class", classes, classes, values, CELL, pattern);
  }

  /// Draws numbers of cases.
  ///
  /// @param title what it is about
  /// @param classes their names
  /// @param counts target by prediction
  /// @return the plot
  /// @throws ValueException if there is not a row and a column for each class
  public static ConfusionPlot counts(String title, List<String> classes, long[][] counts) {
    double[][] values =
        Arrays.stream(counts)
            .map(row -> Arrays.stream(row).asDoubleStream().toArray())
            .toArray(double[][]::new);
    return new ConfusionPlot(title, "predicted class", classes, values, "0");
  }

  /// Draws shares of the true classes, in percent.
  ///
  /// @param title what it is about
  /// @param classes their names
  /// @param shares target by prediction, from 0 to 1
  /// @return the plot
  /// @throws ValueException if there is not a row and a column for each class, or a share is not
  ///   finite
  public static ConfusionPlot shares(String title, List<String> classes, double[][] shares) {
    double[][] percent =
        Arrays.stream(shares)
            .map(row -> Arrays.stream(row).map(share -> 100 * share).toArray())
            .toArray(double[][]::new);
    return new ConfusionPlot(
        title, "predicted class, in percent of the true class", classes, percent, "0.0");
  }
}
