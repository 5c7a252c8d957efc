package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;

/// Puts around a volume what stands at its other end.
///
/// ```java
/// Tensor y = new CircularPad3d(1).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$, larger by the padding on
/// both sides.
///
/// [torch.nn.CircularPad3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CircularPad3d.html)
public final class CircularPad3d extends PadNd {

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  public CircularPad3d(long padding) {
    this(new long[] {padding});
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left, right, top, bottom, front and back grow, in this order
  public CircularPad3d(long[] padding) {
    super(3, padding, "circular", null);
  }

  @Override
  Tensor checked(Tensor input) {
    long dimensions = input.dim();
    if (dimensions == 4 || dimensions == 5) return input;
    throw new ValueException("expected 4D or 5D input (got %dD input)".formatted(dimensions));
  }
}
