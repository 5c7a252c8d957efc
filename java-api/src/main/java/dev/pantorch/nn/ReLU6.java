package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;

/// The rectifier cut off at 6: $\min(\max(0, x), 6)$.
///
/// ```java
/// Tensor y = new ReLU6().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.ReLU6](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ReLU6.html)
public final class ReLU6 extends Layer {
  private final boolean inplace;

  /// Makes the layer.
  public ReLU6() {
    this(false);
  }

  /// Makes the layer.
  ///
  /// @param inplace whether the input is overwritten with the output
  public ReLU6(boolean inplace) {
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input, x -> inplace ? Functional.hardtanh_(x, 0.0, 6.0) : Functional.hardtanh(x, 0.0, 6.0));
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::relu6");
    return new UnscaledKernel(x -> operator.callTensor(x, inplace));
  }

  @Override
  protected String extraRepr() {
    return inplace ? "inplace=True" : "";
  }
}
