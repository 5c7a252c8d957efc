package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The rectifier: $\max(0, x)$.
///
/// ```java
/// Tensor y = new ReLU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.ReLU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ReLU.html)
public final class ReLU extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public ReLU() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public ReLU(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? x.relu_() : x.relu());
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
