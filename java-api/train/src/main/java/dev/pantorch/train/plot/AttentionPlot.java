package dev.pantorch.train.plot;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.List;

/// How much each step looked at which: attention weights with the tokens beside them.
///
/// ```java
/// new AttentionPlot("Which words told it is spam", tokens, weights).save(Path.of("attention.svg"));
/// ```
///
/// Numbers are written into the cells where there is room for them.
public final class AttentionPlot extends HeatMapPlot {
  private static final int CELL = 36;

  /// Draws the weights of one query.
  ///
  /// @param title what it is about
  /// @param keys the tokens that were looked at; they need not differ
  /// @param weights shape `(keys)`
  /// @throws ShapeException if the weights have another shape
  public AttentionPlot(String title, List<String> keys, Tensor weights) {
    this(title, List.of(" "), keys, row(weights), "looked at", "");
  }

  /// Draws a row of weights for each query.
  ///
  /// @param title what it is about
  /// @param queries the tokens that looked, from top to bottom
  /// @param keys the tokens that were looked at, from left to right
  /// @param weights shape `(queries, keys)`, one head or their mean
  /// @throws ShapeException if the weights have another shape
  public AttentionPlot(String title, List<String> queries, List<String> keys, Tensor weights) {
    this(title, queries, keys, weights, "looked at", "looking");
  }

  private AttentionPlot(
      String title,
      List<String> queries,
      List<String> keys,
      Tensor weights,
      String xLabel,
      String yLabel) {
    super(title, xLabel, yLabel, queries, keys, values(queries, keys, weights), CELL, "0.00");
    chart.getStyler().setMin(0);
  }

  private static Tensor row(Tensor weights) {
    if (weights.dim() != 1) {
      throw new ShapeException(
          "the weights of one query have the shape (keys), but got "
              + Arrays.toString(weights.shape()));
    }
    return weights.unsqueeze(0);
  }

  private static double[][] values(List<String> queries, List<String> keys, Tensor weights) {
    if (!Arrays.equals(weights.shape(), new long[] {queries.size(), keys.size()})) {
      throw new ShapeException(
          "weights have the shape (queries, keys), here [%d, %d], but got %s"
              .formatted(queries.size(), keys.size(), Arrays.toString(weights.shape())));
    }
    if (queries.isEmpty() || keys.isEmpty()) throw new ValueException("there is nothing to draw");
    double[][] values = new double[queries.size()][];
    TensorScope.scope(() -> {
      double[] all = weights.detach().to(DType.FLOAT64).toDoubleArray();
      for (int row = 0; row < values.length; row++) {
        values[row] = Arrays.copyOfRange(all, row * keys.size(), (row + 1) * keys.size());
      }
    });
    return values;
  }
}
