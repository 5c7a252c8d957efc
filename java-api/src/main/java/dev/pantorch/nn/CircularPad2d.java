package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;

/// Puts around an image what stands at its other end.
///
/// ```java
/// Tensor y = new CircularPad2d(1).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$, larger by the padding on both sides.
///
/// [torch.nn.CircularPad2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CircularPad2d.html)
public final class CircularPad2d extends PadNd {

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  public CircularPad2d(long padding) {
    this(new long[] {padding});
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left, right, top and bottom grow, in this order
  public CircularPad2d(long[] padding) {
    super(2, padding, "circular", null);
  }

  @Override
  Tensor checked(Tensor input) {
    long dimensions = input.dim();
    if (dimensions == 3 || dimensions == 4) return input;
    throw new ValueException("expected 3D or 4D input (got %dD input)".formatted(dimensions));
  }
}
