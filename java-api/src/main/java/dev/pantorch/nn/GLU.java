package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The gated linear unit: $a \sigma(b)$ for the two halves $a$ and $b$ of the input.
///
/// ```java
/// Tensor y = new GLU(-1).forward(x);
/// ```
///
/// **Shape.** Input with an even size along the dimension, output with half of it.
///
/// [torch.nn.GLU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.GLU.html)
public final class GLU extends Layer {
  private final long dim;

  /// Works along dimension -1.
  public GLU() {
    this(-1);
  }

  /// Makes the layer.
  ///
  /// @param dim the dimension; negative ones count from the last
  public GLU(long dim) {
    this.dim = dim;
  }

  /// Applies the function along the dimension.
  ///
  /// @param input any shape that has the dimension
  /// @return see the class
  /// @throws dev.pantorch.IndexException if the input has no such dimension
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.glu(x, dim));
  }

  @Override
  protected String extraRepr() {
    return "dim=" + dim;
  }
}
