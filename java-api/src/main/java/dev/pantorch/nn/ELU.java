package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;

/// The exponential linear unit: $x$ above 0, $\alpha (e^x - 1)$ below.
///
/// ```java
/// Tensor y = new ELU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.ELU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ELU.html)
public final class ELU extends Layer {
  private final double alpha;
  private final boolean inplace;

  /// Makes the layer with alpha 1.0.
  public ELU() {
    this(1.0);
  }

  /// Makes the layer.
  ///
  /// @param alpha the limit towards minus infinity, negated
  public ELU(double alpha) {
    this(alpha, false);
  }

  /// Makes the layer.
  ///
  /// @param alpha the limit towards minus infinity, negated
  /// @param inplace whether the input is overwritten with the output
  public ELU(double alpha, boolean inplace) {
    this.alpha = alpha;
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.elu_(x, alpha) : Functional.elu(x, alpha));
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::elu");
    return (x, scale, zeroPoint) -> operator.callTensor(x, scale, zeroPoint, alpha);
  }

  @Override
  protected String extraRepr() {
    return "alpha=%s".formatted(PythonText.number(alpha)) + (inplace ? ", inplace=True" : "");
  }
}
