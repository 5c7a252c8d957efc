package dev.pantorch.data;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Brings the columns of a table to a common scale, and back.
///
/// Fit it on the training part only: {@link TimeSplit#fitScaler} sees no other. Its figures are
/// scikit-learn's.
///
/// **Shape.** $(*, C)$ with the columns last.
public abstract sealed class Scaler permits StandardScaler, MinMaxScaler {
  private double @Nullable [] offset;
  private double @Nullable [] scale;

  Scaler() {}

  /// Learns the columns' figures.
  ///
  /// @param data $(N, C)$ with at least one row
  /// @return this scaler
  /// @throws ShapeException if it is no such table
  public final Scaler fit(Tensor data) {
    if (data.dim() != 2 || data.size(0) == 0) {
      throw new ShapeException(
          "a scaler is fitted on rows and columns, but the data's shape is "
              + java.util.Arrays.toString(data.shape()));
    }
    try (Tensor copy = data.cpu();
        Tensor exact = copy.float64();
        Tensor contiguous = exact.contiguous()) {
      double[] values = contiguous.toDoubleArray();
      int columns = (int) data.size(1);
      double[] offsets = new double[columns];
      double[] scales = new double[columns];
      for (int c = 0; c < columns; c++) {
        double[] column = new double[values.length / columns];
        for (int r = 0; r < column.length; r++) column[r] = values[r * columns + c];
        Line line = fitColumn(column);
        offsets[c] = line.offset();
        scales[c] = line.scale();
      }
      offset = offsets;
      scale = scales;
    }
    return this;
  }

  /// A column goes from x to (x - offset) / scale.
  record Line(double offset, double scale) {}

  abstract Line fitColumn(double[] column);

  /// Brings data to the scale.
  ///
  /// @param data $(*, C)$ of a floating dtype
  /// @return a new tensor of the same shape and dtype
  public final Tensor transform(Tensor data) {
    return apply(data, (x, o, s) -> x.sub(o).div_(s));
  }

  /// Brings data back.
  ///
  /// @param data $(*, C)$ on the common scale
  /// @return a new tensor of the same shape and dtype
  public final Tensor inverseTransform(Tensor data) {
    return apply(data, (x, o, s) -> x.mul(s).add_(o));
  }

  /// Brings some columns back: a model's forecasts of its targets.
  ///
  /// @param data $(*, K)$ on the common scale
  /// @param columns which columns these are, $K$ of the fitted ones
  /// @return a new tensor of the same shape and dtype
  public final Tensor inverseTransform(Tensor data, int... columns) {
    double[] offsets = pick(requireFitted(offset), columns);
    double[] scales = pick(requireFitted(scale), columns);
    return apply(data, offsets, scales, (x, o, s) -> x.mul(s).add_(o));
  }

  private static double[] pick(double[] values, int... columns) {
    double[] picked = new double[columns.length];
    for (int i = 0; i < columns.length; i++) {
      picked[i] = values[Indices.check(columns[i], values.length)];
    }
    return picked;
  }

  private interface Step {
    Tensor apply(Tensor data, Tensor offset, Tensor scale);
  }

  private Tensor apply(Tensor data, Step step) {
    return apply(data, requireFitted(offset), requireFitted(scale), step);
  }

  private static Tensor apply(Tensor data, double[] offset, double[] scale, Step step) {
    if (data.dim() == 0 || data.size(data.dim() - 1) != offset.length) {
      throw new ShapeException(
          "the scaler has %d columns, but the data's shape is %s"
              .formatted(offset.length, java.util.Arrays.toString(data.shape())));
    }
    if (!data.dtype().isFloatingPoint()) {
      throw new ValueException("a scaler wants floating data, but this is " + data.dtype());
    }
    try (Tensor offsets = Torch.tensor(data.dtype().on(data.device()), offset);
        Tensor scales = Torch.tensor(data.dtype().on(data.device()), scale)) {
      return step.apply(data, offsets, scales);
    }
  }

  private static double[] requireFitted(double @Nullable [] values) {
    if (values == null) throw new IllegalStateException("the scaler has not been fitted");
    return values;
  }

  /// What each column is shifted by.
  ///
  /// @return a copy
  public final double[] offset() {
    return requireFitted(offset).clone();
  }

  /// What each column is divided by.
  ///
  /// @return a copy
  public final double[] scale() {
    return requireFitted(scale).clone();
  }

  /// The fitted figures, for a checkpoint.
  ///
  /// @return `offset` and `scale`, $(C)$ of float64
  public final Map<String, Object> stateDict() {
    var state = new LinkedHashMap<String, Object>();
    state.put("offset", Torch.tensor(requireFitted(offset)));
    state.put("scale", Torch.tensor(requireFitted(scale)));
    return state;
  }

  /// Takes over fitted figures.
  ///
  /// @param state as {@link #stateDict} returned it
  /// @throws ValueException if something is missing
  public final void loadStateDict(Map<String, ?> state) {
    if (!(state.get("offset") instanceof Tensor offsets)
        || !(state.get("scale") instanceof Tensor scales)) {
      throw new ValueException(
          "a scaler's state has offset and scale, but this has " + state.keySet());
    }
    offset = offsets.toDoubleArray();
    scale = scales.toDoubleArray();
  }
}
