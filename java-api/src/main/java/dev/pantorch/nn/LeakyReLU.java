package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;

/// The rectifier with a slope below 0: $\max(0, x) + slope \min(0, x)$.
///
/// ```java
/// Tensor y = new LeakyReLU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.LeakyReLU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LeakyReLU.html)
public final class LeakyReLU extends Layer {
  private final double negativeSlope;
  private final boolean inplace;

  /// Makes the layer with negativeSlope 0.01.
  public LeakyReLU() {
    this(0.01);
  }

  /// Makes the layer.
  ///
  /// @param negativeSlope the slope below 0
  public LeakyReLU(double negativeSlope) {
    this(negativeSlope, false);
  }

  /// Makes the layer.
  ///
  /// @param negativeSlope the slope below 0
  /// @param inplace whether the input is overwritten with the output
  public LeakyReLU(double negativeSlope, boolean inplace) {
    this.negativeSlope = negativeSlope;
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x ->
            inplace
                ? Functional.leakyRelu_(x, negativeSlope)
                : Functional.leakyRelu(x, negativeSlope));
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::leaky_relu");
    return (x, scale, zeroPoint) ->
        operator.callTensor(x, negativeSlope, inplace, scale, zeroPoint);
  }

  @Override
  protected String extraRepr() {
    return "negative_slope=%s".formatted(PythonText.number(negativeSlope))
        + (inplace ? ", inplace=True" : "");
  }
}
