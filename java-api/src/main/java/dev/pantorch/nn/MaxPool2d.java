package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The greatest value in each window of an image.
///
/// ```java
/// Tensor y = new MaxPool2d(3, o -> o.stride(2)).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ with $H_{out} = \lfloor (H_{in} + 2 padding - dilation
/// (kernelSize - 1) - 1) / stride + 1 \rfloor$ and the others alike, rounded up with `ceilMode`.
///
/// [torch.nn.MaxPool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MaxPool2d.html)
public final class MaxPool2d extends MaxPoolNd {
  /// Options of {@link MaxPool2d}.
  public static final class Options extends MaxPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window in every dimension
  public MaxPool2d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public MaxPool2d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public MaxPool2d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public MaxPool2d(long[] kernelSize, Consumer<Options> settings) {
    super(Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input) {
    return Functional.maxPool2d(
        input,
        kernelSize.expand(2),
        stride.expand(2),
        padding.expand(2),
        dilation.expand(2),
        ceilMode);
  }

  @Override
  Pooled poolWithIndices(Tensor input) {
    var found =
        Functional.maxPool2dWithIndices(
            input,
            kernelSize.expand(2),
            stride.expand(2),
            padding.expand(2),
            dilation.expand(2),
            ceilMode);
    return new Pooled(found.output(), found.indices());
  }
}
