package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.AminmaxResult;
import java.util.function.Consumer;

/// Quantizes the range between moving averages of the least and the greatest value of each tensor.
///
/// ```java
/// var observer = new MovingAverageMinMaxObserver(o -> o.averagingConstant(0.1));
/// ```
///
/// **Range.** $x_{min} = (1 - c) x_{min} + c \min(X)$ from the second tensor on, the maximum alike.
///
/// [torch.ao.quantization.observer.MovingAverageMinMaxObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.MovingAverageMinMaxObserver.html)
public final class MovingAverageMinMaxObserver extends UniformQuantizationObserverBase {
  private final double averagingConstant;

  /// Options of {@link MovingAverageMinMaxObserver}.
  public static final class Options extends UniformQuantizationObserverBase.Options<Options> {
    private double averagingConstant = 0.01;

    private Options() {
      super(QScheme.PER_TENSOR_AFFINE);
    }

    /// The weight $c$ of a new tensor.
    ///
    /// @param averagingConstant 0.01 unless set
    /// @return these options
    public Options averagingConstant(double averagingConstant) {
      this.averagingConstant = averagingConstant;
      return this;
    }
  }

  /// One of affine bytes.
  public MovingAverageMinMaxObserver() {
    this(o -> {});
  }

  /// One with options.
  ///
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the scheme is one of channels, or the range is none
  public MovingAverageMinMaxObserver(Consumer<Options> settings) {
    this(Settings.of(new Options(), settings));
  }

  private MovingAverageMinMaxObserver(Options options) {
    super(options);
    requireScheme(true);
    averagingConstant = options.averagingConstant;
  }

  @Override
  void observe(Tensor input) {
    if (input.numel() == 0) return;
    AminmaxResult now = Torch.aminmax(input.detach().to(minVal.dtype()));
    if (hasSeenNothing()) {
      setRange(now.min(), now.max());
    } else {
      setRange(
          average(minVal, now.min(), averagingConstant),
          average(maxVal, now.max(), averagingConstant));
    }
  }

  static Tensor average(Tensor before, Tensor now, double weight) {
    return before.add(now.sub(before).mul(weight));
  }
}
