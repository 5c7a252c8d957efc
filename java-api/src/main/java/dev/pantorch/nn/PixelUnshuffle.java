package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The inverse of {@link PixelShuffle}: makes an image smaller and gives it more channels.
///
/// ```java
/// Tensor y = new PixelUnshuffle(3).forward(Torch.randn(1, 1, 12, 12)); // (1, 9, 4, 4)
/// ```
///
/// **Shape.** Input $(*, C, H r, W r)$; output $(*, C r^2, H, W)$.
///
/// [torch.nn.PixelUnshuffle](https://docs.pytorch.org/docs/2.13/generated/torch.nn.PixelUnshuffle.html)
public final class PixelUnshuffle extends Layer {
  private final long downscaleFactor;

  /// Makes the layer.
  ///
  /// @param downscaleFactor the factor $r$
  public PixelUnshuffle(long downscaleFactor) {
    this.downscaleFactor = downscaleFactor;
  }

  /// Moves the image into channels.
  ///
  /// @param input a tensor of the shape above
  /// @return the rearranged elements
  /// @throws dev.pantorch.TorchException if the sizes are not divisible
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.pixelUnshuffle(x, downscaleFactor));
  }

  @Override
  protected String extraRepr() {
    return "downscale_factor=" + downscaleFactor;
  }
}
