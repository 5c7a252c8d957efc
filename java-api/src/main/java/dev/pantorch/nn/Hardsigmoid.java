package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// A piecewise approximation of the logistic function: $\min(\max(0, x + 3), 6) / 6$.
///
/// ```java
/// Tensor y = new Hardsigmoid().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Hardsigmoid](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Hardsigmoid.html)
public final class Hardsigmoid extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public Hardsigmoid() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public Hardsigmoid(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.hardsigmoid_(x) : Functional.hardsigmoid(x));
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
