package dev.pantorch.data;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Sliding windows over a time series: the history as input, what follows as target. Windows are
/// views of the series.
///
/// ```java
/// var windows = new WindowDataset(series, 24, 6, o -> o.targets(0)); // 24 steps in, 6 steps of column 0 out
/// ```
///
/// Window $i$ has the steps from $i \cdot stride$ on; the target begins right after its input.
///
/// **Shape.** Series $(T, C)$, or $(T)$ for $(T, 1)$; input $(inputLength, C)$; target $(horizon,
/// K)$ with $K$ target columns, all of them unless set.
public final class WindowDataset implements BatchDataset<Example> {
  private final Tensor inputs;
  private final Tensor targets;
  private final int inputLength;
  private final int horizon;
  private final int stride;
  private final int size;

  /// Options of {@link WindowDataset}.
  public static final class Options {
    private int stride = 1;
    private int[] targets = {};

    private Options() {}

    /// Steps from one window to the next.
    ///
    /// @param stride 1 unless set
    /// @return these options
    public Options stride(int stride) {
      this.stride = stride;
      return this;
    }

    /// Which columns are forecast.
    ///
    /// @param columns all unless set
    /// @return these options
    public Options targets(int... columns) {
      targets = columns.clone();
      return this;
    }
  }

  /// Windows one step apart, all columns being forecast.
  ///
  /// @param series $(T, C)$ or $(T)$
  /// @param inputLength steps of history
  /// @param horizon steps to forecast
  public WindowDataset(Tensor series, int inputLength, int horizon) {
    this(series, inputLength, horizon, o -> {});
  }

  /// Windows.
  ///
  /// @param series $(T, C)$ or $(T)$
  /// @param inputLength steps of history
  /// @param horizon steps to forecast
  /// @param settings sets the options
  /// @throws ValueException if a length is not positive
  /// @throws ShapeException if the series is shorter than one window
  public WindowDataset(Tensor series, int inputLength, int horizon, Consumer<Options> settings) {
    var options = new Options();
    settings.accept(options);
    if (inputLength <= 0 || horizon <= 0 || options.stride <= 0) {
      throw new ValueException(
          "inputLength, horizon and stride should be positive, but they are %d, %d and %d"
              .formatted(inputLength, horizon, options.stride));
    }
    if (series.dim() != 1 && series.dim() != 2) {
      throw new ShapeException(
          "a series has the shape (time, features) or (time), but this has "
              + Arrays.toString(series.shape()));
    }
    long spare = series.size(0) - inputLength - horizon;
    if (spare < 0) {
      throw new ShapeException(
          "a window of %d + %d steps does not fit into a series of %d"
              .formatted(inputLength, horizon, series.size(0)));
    }
    inputs = (series.dim() == 1 ? series.unsqueeze(1) : series.view(series.shape())).keep();
    targets = columns(inputs, options.targets).keep();
    this.inputLength = inputLength;
    this.horizon = horizon;
    stride = options.stride;
    size = Math.toIntExact(spare / stride + 1);
  }

  private static Tensor columns(Tensor series, int... columns) {
    int all = (int) series.size(1);
    for (int column : columns) {
      if (column < 0 || column >= all) {
        throw new dev.pantorch.IndexException(
            "target column %d is out of range for %d columns".formatted(column, all));
      }
    }
    if (columns.length == 0) return series.narrow(1, 0, all);
    // Neighbours are a view; others are copied.
    for (int i = 1; i < columns.length; i++) {
      if (columns[i] != columns[0] + i) {
        try (Tensor index =
            dev.pantorch.Torch.tensor(Arrays.stream(columns).asLongStream().toArray())
                .to(series.device(), false)) {
          return series.indexSelect(1, index);
        }
      }
    }
    return series.narrow(1, columns[0], columns.length);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Example get(int index) {
    long start = (long) Indices.check(index, size) * stride;
    return new Example(
        inputs.narrow(0, start, inputLength), targets.narrow(0, start + inputLength, horizon));
  }

  @Override
  public Example getBatch(int... indices) {
    for (int index : indices) Indices.check(index, size);
    // Views of all windows, (windows, features, steps); the gather copies those of the batch only.
    try (Tensor past = inputs.unfold(0, inputLength, stride);
        Tensor pastSteps = past.transpose(1, 2);
        Tensor from = targets.narrow(0, inputLength, targets.size(0) - inputLength);
        Tensor future = from.unfold(0, horizon, stride);
        Tensor futureSteps = future.transpose(1, 2)) {
      return new Example(
          Rows.gather(List.of(pastSteps), indices, size).getFirst().contiguous(),
          Rows.gather(List.of(futureSteps), indices, size).getFirst().contiguous());
    }
  }
}
