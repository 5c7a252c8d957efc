package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// The randomised leaky rectifier (Xu and others 2015): $x$ above 0, $a x$ below, where $a$ is
/// drawn from $U(lower, upper)$ for each element in training and is their mean in evaluation.
///
/// ```java
/// Tensor y = new RReLU(0.1, 0.3).forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.RReLU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.RReLU.html)
public final class RReLU extends Layer {
  private final double lower;
  private final double upper;
  private final boolean inplace;

  /// Makes the layer with slopes from 1/8 to 1/3.
  public RReLU() {
    this(1.0 / 8, 1.0 / 3);
  }

  /// Makes the layer.
  ///
  /// @param lower the least slope
  /// @param upper the greatest slope
  public RReLU(double lower, double upper) {
    this(lower, upper, false);
  }

  /// Makes the layer.
  ///
  /// @param lower the least slope
  /// @param upper the greatest slope
  /// @param inplace whether the input is overwritten with the output
  public RReLU(double lower, double upper, boolean inplace) {
    this.lower = lower;
    this.upper = upper;
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
                ? Functional.rrelu_(x, lower, upper, isTraining())
                : Functional.rrelu(x, lower, upper, isTraining()));
  }

  @Override
  protected String extraRepr() {
    return "lower=%s, upper=%s".formatted(PythonText.number(lower), PythonText.number(upper))
        + (inplace ? ", inplace=True" : "");
  }
}
