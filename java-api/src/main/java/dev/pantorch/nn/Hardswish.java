package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;

/// A piecewise approximation of SiLU: $x \min(\max(0, x + 3), 6) / 6$.
///
/// ```java
/// Tensor y = new Hardswish().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Hardswish](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Hardswish.html)
public final class Hardswish extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public Hardswish() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public Hardswish(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.hardswish_(x) : Functional.hardswish(x));
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::hardswish");
    return (x, scale, zeroPoint) -> operator.callTensor(x, scale, zeroPoint);
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
