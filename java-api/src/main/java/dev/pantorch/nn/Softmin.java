package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Probabilities of the negated values along a dimension: $e^{-x_i} / \sum_j e^{-x_j}$.
///
/// ```java
/// Tensor y = new Softmin(-1).forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Softmin](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Softmin.html)
public final class Softmin extends Layer {
  private final long dim;

  /// Makes the layer.
  ///
  /// @param dim the dimension; negative ones count from the last
  public Softmin(long dim) {
    this.dim = dim;
  }

  /// Applies the function along the dimension.
  ///
  /// @param input any shape that has the dimension
  /// @return see the class
  /// @throws dev.pantorch.IndexException if the input has no such dimension
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x.neg().softmax(dim));
  }

  @Override
  protected String extraRepr() {
    return "dim=" + dim;
  }
}
