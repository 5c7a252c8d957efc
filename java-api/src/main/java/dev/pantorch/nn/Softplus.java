package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// A smooth rectifier: $\log(1 + e^{\beta x}) / \beta$, and $x$ itself where $\beta x$ exceeds the
/// threshold.
///
/// ```java
/// Tensor y = new Softplus().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Softplus](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Softplus.html)
public final class Softplus extends Layer {
  private final double beta;
  private final double threshold;

  /// Makes the layer with beta 1.0 and threshold 20.0.
  public Softplus() {
    this(1.0, 20.0);
  }

  /// Makes the layer.
  ///
  /// @param beta how sharp the bend is
  /// @param threshold where the function is linear, for the sake of its range
  public Softplus(double beta, double threshold) {
    this.beta = beta;
    this.threshold = threshold;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.softplus(x, beta, threshold));
  }

  @Override
  protected String extraRepr() {
    return "beta=%s, threshold=%s".formatted(PythonText.number(beta), PythonText.number(threshold));
  }
}
