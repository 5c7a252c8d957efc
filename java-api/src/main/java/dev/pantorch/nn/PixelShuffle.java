package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Makes an image larger with the elements of its channels (Shi and others 2016).
///
/// ```java
/// Tensor y = new PixelShuffle(3).forward(Torch.randn(1, 9, 4, 4)); // (1, 1, 12, 12)
/// ```
///
/// **Shape.** Input $(*, C r^2, H, W)$; output $(*, C, H r, W r)$.
///
/// [torch.nn.PixelShuffle](https://docs.pytorch.org/docs/2.13/generated/torch.nn.PixelShuffle.html)
public final class PixelShuffle extends Layer {
  private final long upscaleFactor;

  /// Makes the layer.
  ///
  /// @param upscaleFactor the factor $r$
  public PixelShuffle(long upscaleFactor) {
    this.upscaleFactor = upscaleFactor;
  }

  /// Moves channels into the image.
  ///
  /// @param input a tensor of the shape above
  /// @return the rearranged elements
  /// @throws dev.pantorch.TorchException if the sizes are not divisible
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.pixelShuffle(x, upscaleFactor));
  }

  @Override
  protected String extraRepr() {
    return "upscale_factor=" + upscaleFactor;
  }
}
