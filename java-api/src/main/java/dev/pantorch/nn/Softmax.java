package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Probabilities along a dimension: $e^{x_i} / \sum_j e^{x_j}$.
///
/// ```java
/// Tensor y = new Softmax(-1).forward(logits);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Softmax](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Softmax.html)
public final class Softmax extends Layer {
  private final long dim;

  /// Makes the layer. Python lets the dimension be guessed from the shape and warns of it; here it
  /// has to be given.
  ///
  /// @param dim the dimension; negative ones count from the last
  public Softmax(long dim) {
    this.dim = dim;
  }

  /// Applies the function along the dimension.
  ///
  /// @param input any shape
  /// @return the input's shape
  /// @throws dev.pantorch.IndexException if the input has no such dimension
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.softmax(x, dim));
  }

  @Override
  protected String extraRepr() {
    return "dim=" + dim;
  }
}
