package dev.pantorch.quantization;

import dev.pantorch.Torch;
import dev.pantorch.ops.AminmaxResult;
import java.util.function.Consumer;

/// Quantizes each channel by the range from the least to the greatest value ever seen in it: the
/// usual observer of weights.
///
/// ```java
/// var observer =
///     new PerChannelMinMaxObserver(o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_CHANNEL_SYMMETRIC));
/// ```
///
/// [torch.ao.quantization.observer.PerChannelMinMaxObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.PerChannelMinMaxObserver.html)
public final class PerChannelMinMaxObserver extends PerChannelObserver {
  /// Options of {@link PerChannelMinMaxObserver}.
  public static final class Options extends PerChannelObserver.Options<Options> {
    private Options() {}
  }

  /// One of affine bytes, for channels in the first dimension.
  public PerChannelMinMaxObserver() {
    this(o -> {});
  }

  /// One with options.
  ///
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the scheme is one of whole tensors, or the range is
  ///   none
  public PerChannelMinMaxObserver(Consumer<Options> settings) {
    super(Settings.of(new Options(), settings));
  }

  @Override
  void combine(AminmaxResult now) {
    setRange(Torch.minimum(now.min(), minVal), Torch.maximum(now.max(), maxVal));
  }
}
