package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The inverse of {@link MaxPool1d} as far as there is one: puts maxima back where they stood, and
/// zeros elsewhere.
///
/// ```java
/// Pooled pooled = new MaxPool1d(2).forwardWithIndices(x);
/// Tensor y = new MaxUnpool1d(2).forward(pooled.output(), pooled.indices());
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$
/// with $L_{out} = (L_{in} - 1) stride - 2 padding + kernelSize$, or as the call says.
///
/// [torch.nn.MaxUnpool1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MaxUnpool1d.html)
public final class MaxUnpool1d extends MaxUnpoolNd {
  /// Options of {@link MaxUnpool1d}.
  public static final class Options extends MaxUnpoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window
  public MaxUnpool1d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window
  /// @param settings sets the options
  public MaxUnpool1d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public MaxUnpool1d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public MaxUnpool1d(long[] kernelSize, Consumer<Options> settings) {
    super(1, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor unpool(Tensor input, Tensor indices, long @Nullable [] outputSize) {
    return Functional.maxUnpool1d(input, indices, kernelSize, stride, padding, outputSize);
  }
}
