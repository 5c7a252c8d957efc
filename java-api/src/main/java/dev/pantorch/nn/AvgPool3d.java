package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The mean of each window of a volume.
///
/// ```java
/// Tensor y = new AvgPool3d(3, o -> o.stride(2)).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$ with $D_{out} = \lfloor
/// (D_{in} + 2 padding - kernelSize) / stride + 1 \rfloor$ and the others alike, rounded up with
/// `ceilMode`.
///
/// [torch.nn.AvgPool3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AvgPool3d.html)
public final class AvgPool3d extends AvgPoolNd {
  private final @Nullable Long divisorOverride;

  /// Options of {@link AvgPool3d}.
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
  public AvgPool3d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public AvgPool3d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public AvgPool3d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public AvgPool3d(long[] kernelSize, Consumer<Options> settings) {
    this(Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  private AvgPool3d(Sizes kernelSize, Options options) {
    super(kernelSize, options);
    divisorOverride = options.divisorOverride;
  }

  @Override
  Tensor pool(Tensor input) {
    return Functional.avgPool3d(
        input,
        kernelSize.expand(3),
        stride.expand(3),
        padding.expand(3),
        ceilMode,
        countIncludePad,
        divisorOverride);
  }
}
