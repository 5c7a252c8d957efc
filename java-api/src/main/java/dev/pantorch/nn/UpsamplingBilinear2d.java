package dev.pantorch.nn;

import java.util.function.Consumer;

/// Resizes an image linearly in both dimensions, with the centres of the corners aligned. One of
/// `size` and `scaleFactor` must be set. {@link Upsample} and {@link Functional#interpolate} can do
/// the same.
///
/// ```java
/// Tensor y = new UpsamplingBilinear2d(o -> o.scaleFactor(2)).forward(Torch.randn(1, 1, 2, 2)); // (1, 1, 4, 4)
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$; output $(N, C, H_{out}, W_{out})$ with the wanted
/// sizes, or $\lfloor H_{in} \cdot scaleFactor \rfloor$ and so on.
///
/// [torch.nn.UpsamplingBilinear2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.UpsamplingBilinear2d.html)
public final class UpsamplingBilinear2d extends UpsampleBase {
  /// Options of {@link UpsamplingBilinear2d}.
  public static final class Options extends UpsampleOptions<Options> {
    private Options() {}
  }

  /// A layer.
  ///
  /// @param settings sets the options
  public UpsamplingBilinear2d(Consumer<Options> settings) {
    super(LayerOptions.configure(new Options(), settings), InterpolationMode.BILINEAR, true, null);
  }
}
