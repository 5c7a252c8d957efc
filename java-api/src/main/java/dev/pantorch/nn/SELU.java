package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The scaled exponential linear unit: $s (\max(0, x) + \min(0, \alpha (e^x - 1)))$ with the
/// constants of Klambauer and others (2017).
///
/// ```java
/// Tensor y = new SELU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.SELU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.SELU.html)
public final class SELU extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public SELU() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public SELU(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.selu_(x) : Functional.selu(x));
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
