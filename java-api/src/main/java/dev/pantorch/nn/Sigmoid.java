package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The logistic function: $1 / (1 + e^{-x})$.
///
/// ```java
/// Tensor y = new Sigmoid().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Sigmoid](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Sigmoid.html)
public final class Sigmoid extends Layer {
  /// Makes the layer.
  public Sigmoid() {}

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, Tensor::sigmoid);
  }
}
