package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;

/// The mean of each window of a sequence.
///
/// ```java
/// Tensor y = new AvgPool1d(3, o -> o.stride(2)).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$
/// with $L_{out} = \lfloor (L_{in} + 2 padding - kernelSize) / stride + 1 \rfloor$, rounded up with
/// `ceilMode`.
///
/// [torch.nn.AvgPool1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AvgPool1d.html)
public final class AvgPool1d extends AvgPoolNd {

  /// Options of {@link AvgPool1d}.
  public static final class Options extends AvgPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window
  public AvgPool1d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window
  /// @param settings sets the options
  public AvgPool1d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public AvgPool1d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public AvgPool1d(long[] kernelSize, Consumer<Options> settings) {
    super(Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input) {
    return Functional.avgPool1d(
        input,
        kernelSize.expand(1),
        stride.expand(1),
        padding.expand(1),
        ceilMode,
        countIncludePad);
  }

  @Override
  protected String extraRepr() {
    return "kernel_size=%s, stride=%s, padding=%s"
        .formatted(
            PythonText.tuple(kernelSize.expand(1)),
            PythonText.tuple(stride.expand(1)),
            PythonText.tuple(padding.expand(1)));
  }
}
