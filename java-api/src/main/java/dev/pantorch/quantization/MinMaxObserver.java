package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.AminmaxResult;
import java.util.function.Consumer;

/// Quantizes the range from the least to the greatest value ever seen.
///
/// ```java
/// var observer = new MinMaxObserver(o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC));
/// ```
///
/// **Scale.** $s = 2 \max(|x_{min}|, x_{max}) / (Q_{max} - Q_{min})$ if symmetric, else $(x_{max} -
/// x_{min}) / (Q_{max} - Q_{min})$ with zero in the range.
///
/// [torch.ao.quantization.observer.MinMaxObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.MinMaxObserver.html)
public final class MinMaxObserver extends UniformQuantizationObserverBase {
  /// Options of {@link MinMaxObserver}.
  public static final class Options extends UniformQuantizationObserverBase.Options<Options> {
    private Options() {
      super(QScheme.PER_TENSOR_AFFINE);
    }
  }

  /// One of affine bytes.
  public MinMaxObserver() {
    this(o -> {});
  }

  /// One with options.
  ///
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the scheme is one of channels, or the range is none
  public MinMaxObserver(Consumer<Options> settings) {
    super(Settings.of(new Options(), settings));
    requireScheme(true);
  }

  @Override
  void observe(Tensor input) {
    if (input.numel() == 0) return;
    AminmaxResult now = Torch.aminmax(input.detach().to(minVal.dtype()));
    setRange(Torch.minimum(now.min(), minVal), Torch.maximum(now.max(), maxVal));
  }
}
