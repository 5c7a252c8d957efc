package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The hyperbolic tangent: $\tanh x$.
///
/// ```java
/// Tensor y = new Tanh().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Tanh](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Tanh.html)
public final class Tanh extends Layer {
  /// Makes the layer.
  public Tanh() {}

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, Tensor::tanh);
  }
}
