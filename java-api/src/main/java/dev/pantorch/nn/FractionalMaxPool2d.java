package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The greatest value in each of randomly placed windows of an image, so that the size shrinks by a
/// fraction (Graham 2014). One of `outputSize` and `outputRatio` must be set.
///
/// ```java
/// Tensor y = new FractionalMaxPool2d(3, o -> o.outputRatio(0.5)).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ with $H_{out}$ the wanted size, or the wanted fraction of
/// $H_{in}$, and the others alike.
///
/// [torch.nn.FractionalMaxPool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.FractionalMaxPool2d.html)
public final class FractionalMaxPool2d extends FractionalMaxPoolNd {
  /// Options of {@link FractionalMaxPool2d}.
  public static final class Options extends FractionalMaxPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if not exactly one of size and ratio is set, or a ratio is
  ///   not between 0 and 1
  public FractionalMaxPool2d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if not exactly one of size and ratio is set, or a ratio is
  ///   not between 0 and 1
  public FractionalMaxPool2d(long[] kernelSize, Consumer<Options> settings) {
    super(2, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Pooled pool(Tensor input, long[] outputSize, Tensor randomSamples) {
    var found = Functional.fractionalMaxPool2d(input, kernelSize, outputSize, randomSamples);
    return new Pooled(found.output(), found.indices());
  }
}
