package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// What the hyperbolic tangent takes off: $x - \tanh x$.
///
/// ```java
/// Tensor y = new Tanhshrink().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Tanhshrink](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Tanhshrink.html)
public final class Tanhshrink extends Layer {
  /// Makes the layer.
  public Tanhshrink() {}

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x.sub(x.tanh()));
  }
}
