package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.function.Consumer;

/// The greatest value in each window of a sequence.
///
/// ```java
/// Tensor y = new MaxPool1d(3, o -> o.stride(2)).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$
/// with $L_{out} = \lfloor (L_{in} + 2 padding - dilation (kernelSize - 1) - 1) / stride + 1
/// \rfloor$, rounded up with `ceilMode`.
///
/// [torch.nn.MaxPool1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MaxPool1d.html)
public final class MaxPool1d extends MaxPoolNd {
  /// Options of {@link MaxPool1d}.
  public static final class Options extends MaxPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window
  public MaxPool1d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window
  /// @param settings sets the options
  public MaxPool1d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public MaxPool1d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public MaxPool1d(long[] kernelSize, Consumer<Options> settings) {
    super(Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input) {
    return Functional.maxPool1d(
        input,
        kernelSize.expand(1),
        stride.expand(1),
        padding.expand(1),
        dilation.expand(1),
        ceilMode);
  }

  @Override
  Pooled poolWithIndices(Tensor input) {
    var found =
        Torch.maxPool1dWithIndices(
            input,
            kernelSize.expand(1),
            stride.expand(1),
            padding.expand(1),
            dilation.expand(1),
            ceilMode);
    return new Pooled(found.output(), found.indices());
  }
}
