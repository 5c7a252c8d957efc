package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The inverse of {@link MaxPool2d} as far as there is one: puts maxima back where they stood, and
/// zeros elsewhere.
///
/// ```java
/// Pooled pooled = new MaxPool2d(2).forwardWithIndices(x);
/// Tensor y = new MaxUnpool2d(2).forward(pooled.output(), pooled.indices());
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ with $H_{out} = (H_{in} - 1) stride - 2 padding +
/// kernelSize$ and the others alike, or as the call says.
///
/// [torch.nn.MaxUnpool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MaxUnpool2d.html)
public final class MaxUnpool2d extends MaxUnpoolNd {
  /// Options of {@link MaxUnpool2d}.
  public static final class Options extends MaxUnpoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window in every dimension
  public MaxUnpool2d(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public MaxUnpool2d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param kernelSize the size of the window in each dimension
  public MaxUnpool2d(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public MaxUnpool2d(long[] kernelSize, Consumer<Options> settings) {
    super(2, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor unpool(Tensor input, Tensor indices, long @Nullable [] outputSize) {
    return Functional.maxUnpool2d(input, indices, kernelSize, stride, padding, outputSize);
  }
}
