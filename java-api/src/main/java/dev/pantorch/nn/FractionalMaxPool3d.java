package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The greatest value in each of randomly placed windows of a volume, so that the size shrinks by a
/// fraction (Graham 2014). One of `outputSize` and `outputRatio` must be set.
///
/// ```java
/// Tensor y = new FractionalMaxPool3d(3, o -> o.outputRatio(0.5)).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$ with $D_{out}$ the wanted
/// size, or the wanted fraction of $D_{in}$, and the others alike.
///
/// [torch.nn.FractionalMaxPool3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.FractionalMaxPool3d.html)
public final class FractionalMaxPool3d extends FractionalMaxPoolNd {
  /// Options of {@link FractionalMaxPool3d}.
  public static final class Options extends FractionalMaxPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if not exactly one of size and ratio is set, or a ratio is
  ///   not between 0 and 1
  public FractionalMaxPool3d(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if not exactly one of size and ratio is set, or a ratio is
  ///   not between 0 and 1
  public FractionalMaxPool3d(long[] kernelSize, Consumer<Options> settings) {
    super(3, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Pooled pool(Tensor input, long[] outputSize, Tensor randomSamples) {
    var found = Functional.fractionalMaxPool3d(input, kernelSize, outputSize, randomSamples);
    return new Pooled(found.output(), found.indices());
  }
}
