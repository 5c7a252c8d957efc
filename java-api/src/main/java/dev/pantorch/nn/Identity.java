package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Hands its input on: $x$.
///
/// ```java
/// Tensor y = new Identity().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Identity](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Identity.html)
public final class Identity extends Layer {
  /// Makes the layer.
  public Identity() {}

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x);
  }
}
