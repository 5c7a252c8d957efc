package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The sigmoid-weighted linear unit, also called swish: $x / (1 + e^{-x})$.
///
/// ```java
/// Tensor y = new SiLU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.SiLU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.SiLU.html)
public final class SiLU extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public SiLU() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public SiLU(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.silu_(x) : Functional.silu(x));
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
