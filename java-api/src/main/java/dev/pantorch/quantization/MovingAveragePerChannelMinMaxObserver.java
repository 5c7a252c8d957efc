package dev.pantorch.quantization;

import dev.pantorch.ops.AminmaxResult;
import java.util.function.Consumer;

/// Quantizes each channel by the range between moving averages of its least and greatest values.
///
/// ```java
/// var observer = new MovingAveragePerChannelMinMaxObserver(o -> o.averagingConstant(0.1).chAxis(1));
/// ```
///
/// [torch.ao.quantization.observer.MovingAveragePerChannelMinMaxObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.MovingAveragePerChannelMinMaxObserver.html)
public final class MovingAveragePerChannelMinMaxObserver extends PerChannelObserver {
  private final double averagingConstant;

  /// Options of {@link MovingAveragePerChannelMinMaxObserver}.
  public static final class Options extends PerChannelObserver.Options<Options> {
    private double averagingConstant = 0.01;

    private Options() {}

    /// The weight of a new tensor.
    ///
    /// @param averagingConstant 0.01 unless set
    /// @return these options
    public Options averagingConstant(double averagingConstant) {
      this.averagingConstant = averagingConstant;
      return this;
    }
  }

  /// One of affine bytes, for channels in the first dimension.
  public MovingAveragePerChannelMinMaxObserver() {
    this(o -> {});
  }

  /// One with options.
  ///
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the scheme is one of whole tensors, or the range is
  ///   none
  public MovingAveragePerChannelMinMaxObserver(Consumer<Options> settings) {
    this(Settings.of(new Options(), settings));
  }

  private MovingAveragePerChannelMinMaxObserver(Options options) {
    super(options);
    averagingConstant = options.averagingConstant;
  }

  @Override
  void combine(AminmaxResult now) {
    setRange(
        MovingAverageMinMaxObserver.average(minVal, now.min(), averagingConstant),
        MovingAverageMinMaxObserver.average(maxVal, now.max(), averagingConstant));
  }
}
