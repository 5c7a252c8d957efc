package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// The continuously differentiable exponential unit: $\max(0, x) + \min(0, \alpha (e^{x / \alpha} -
/// 1))$.
///
/// ```java
/// Tensor y = new CELU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.CELU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CELU.html)
public final class CELU extends Layer {
  private final double alpha;
  private final boolean inplace;

  /// Makes the layer with alpha 1.0.
  public CELU() {
    this(1.0);
  }

  /// Makes the layer.
  ///
  /// @param alpha the limit towards minus infinity, negated
  public CELU(double alpha) {
    this(alpha, false);
  }

  /// Makes the layer.
  ///
  /// @param alpha the limit towards minus infinity, negated
  /// @param inplace whether the input is overwritten with the output
  public CELU(double alpha, boolean inplace) {
    this.alpha = alpha;
    this.inplace = inplace;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> inplace ? Functional.celu_(x, alpha) : Functional.celu(x, alpha));
  }

  @Override
  protected String extraRepr() {
    return "alpha=" + PythonText.number(alpha) + (inplace ? ", inplace=True" : "");
  }
}
