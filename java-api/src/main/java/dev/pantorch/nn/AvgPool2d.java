package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The mean of each window of an image.
///
/// ```java
/// Tensor y = new AvgPool2d(3, o -> o.stride(2)).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ with $H_{out} = \lfloor (H_{in} + 2 padding - kernelSize) /
/// stride + 1 \rfloor$ and the others alike, rounded up with `ceilMode`.
///
/// [torch.nn.AvgPool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AvgPool2d.html)
public final class AvgPool2d extends AvgPoolNd {
  private final @Nullable Long divisorOverride;

  /// Options of {@link AvgPool2d}.
  public static final class Options extends AvgPoolNd.Options<Options> {
    private @Nullable Long divisorOverride;

    private Options() {}

    /// What sums are divided by, instead of the size of the window.
    ///
    /// @param divisor another number than 0; null for the window's size, the default
    /// @return these options
    public Options divisorOverride(@Nullable Long divisor) {
      divisorOverride = divisor;
      return this;
    }
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window in every dimension
  public AvgPool2d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public AvgPool2d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public AvgPool2d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public AvgPool2d(long[] kernelSize, Consumer<Options> settings) {
    this(Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  private AvgPool2d(Sizes kernelSize, Options options) {
    super(kernelSize, options);
    divisorOverride = options.divisorOverride;
  }

  @Override
  Tensor pool(Tensor input) {
    return Functional.avgPool2d(
        input,
        kernelSize.expand(2),
        stride.expand(2),
        padding.expand(2),
        ceilMode,
        countIncludePad,
        divisorOverride);
  }
}
