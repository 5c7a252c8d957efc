package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The self-regularised unit of Misra (2019): $x \tanh(\log(1 + e^x))$.
///
/// ```java
/// Tensor y = new Mish().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Mish](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Mish.html)
public final class Mish extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public Mish() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public Mish(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.mish_(x) : Functional.mish(x));
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
