package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The sign, softened: $x / (1 + |x|)$.
///
/// ```java
/// Tensor y = new Softsign().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Softsign](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Softsign.html)
public final class Softsign extends Layer {
  /// Makes the layer.
  public Softsign() {}

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x.div(x.abs().add(1)));
  }
}
