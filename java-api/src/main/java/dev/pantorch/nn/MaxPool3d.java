package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The greatest value in each window of a volume.
///
/// ```java
/// Tensor y = new MaxPool3d(3, o -> o.stride(2)).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$ with $D_{out} = \lfloor
/// (D_{in} + 2 padding - dilation (kernelSize - 1) - 1) / stride + 1 \rfloor$ and the others alike,
/// rounded up with `ceilMode`.
///
/// [torch.nn.MaxPool3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MaxPool3d.html)
public final class MaxPool3d extends MaxPoolNd {
  /// Options of {@link MaxPool3d}.
  public static final class Options extends MaxPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window in every dimension
  public MaxPool3d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public MaxPool3d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public MaxPool3d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public MaxPool3d(long[] kernelSize, Consumer<Options> settings) {
    super(Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input) {
    return Functional.maxPool3d(
        input,
        kernelSize.expand(3),
        stride.expand(3),
        padding.expand(3),
        dilation.expand(3),
        ceilMode);
  }

  @Override
  Pooled poolWithIndices(Tensor input) {
    var found =
        Functional.maxPool3dWithIndices(
            input,
            kernelSize.expand(3),
            stride.expand(3),
            padding.expand(3),
            dilation.expand(3),
            ceilMode);
    return new Pooled(found.output(), found.indices());
  }
}
