package dev.pantorch.nn;

import java.util.function.Consumer;

/// Resizes an image by the nearest value. One of `size` and `scaleFactor` must be set. {@link
/// Upsample} and {@link Functional#interpolate} can do the same.
///
/// ```java
/// Tensor y = new UpsamplingNearest2d(o -> o.scaleFactor(2)).forward(Torch.randn(1, 1, 2, 2)); // (1, 1, 4, 4)
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$; output $(N, C, H_{out}, W_{out})$ with the wanted
/// sizes, or $\lfloor H_{in} \cdot scaleFactor \rfloor$ and so on.
///
/// [torch.nn.UpsamplingNearest2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.UpsamplingNearest2d.html)
public final class UpsamplingNearest2d extends UpsampleBase {
  /// Options of {@link UpsamplingNearest2d}.
  public static final class Options extends UpsampleOptions<Options> {
    private Options() {}
  }

  /// A layer.
  ///
  /// @param settings sets the options
  public UpsamplingNearest2d(Consumer<Options> settings) {
    super(LayerOptions.configure(new Options(), settings), InterpolationMode.NEAREST, null, null);
  }
}
