package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// Shrinks towards 0: $x - \lambda$ above $\lambda$, $x + \lambda$ below $-\lambda$, else 0.
///
/// ```java
/// Tensor y = new Softshrink().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Softshrink](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Softshrink.html)
public final class Softshrink extends Layer {
  private final double lambd;

  /// Makes the layer with lambd 0.5.
  public Softshrink() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param lambd the width $\lambda$
  public Softshrink(double lambd) {
    this.lambd = lambd;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.softshrink(x, lambd));
  }

  @Override
  protected String extraRepr() {
    return PythonText.number(lambd);
  }
}
