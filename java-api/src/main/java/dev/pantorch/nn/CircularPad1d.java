package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;

/// Puts around a sequence what stands at its other end.
///
/// ```java
/// Tensor y = new CircularPad1d(1).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$,
/// larger by the padding on both sides.
///
/// [torch.nn.CircularPad1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CircularPad1d.html)
public final class CircularPad1d extends PadNd {

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  public CircularPad1d(long padding) {
    this(new long[] {padding});
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left and right grow, in this order
  public CircularPad1d(long[] padding) {
    super(1, padding, "circular", null);
  }

  @Override
  Tensor checked(Tensor input) {
    long dimensions = input.dim();
    if (dimensions == 2 || dimensions == 3) return input;
    throw new ValueException("expected 2D or 3D input (got %dD input)".formatted(dimensions));
  }
}
