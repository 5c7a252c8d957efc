package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// Sets small values to 0: $x$ where $|x| > \lambda$, else 0.
///
/// ```java
/// Tensor y = new Hardshrink().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Hardshrink](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Hardshrink.html)
public final class Hardshrink extends Layer {
  private final double lambd;

  /// Makes the layer with lambd 0.5.
  public Hardshrink() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param lambd the width $\lambda$
  public Hardshrink(double lambd) {
    this.lambd = lambd;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.hardshrink(x, lambd));
  }

  @Override
  protected String extraRepr() {
    return PythonText.number(lambd);
  }
}
