package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The Gaussian error linear unit: $x \Phi(x)$ with the normal distribution's $\Phi$.
///
/// ```java
/// Tensor y = new GELU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.GELU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.GELU.html)
public final class GELU extends Layer {
  /// How $\Phi$ is computed.
  public enum Approximation {
    /// Exactly.
    NONE,
    /// By the hyperbolic tangent of a polynomial.
    TANH;

    String torchName() {
      return this == NONE ? "none" : "tanh";
    }
  }

  private final Approximation approximate;

  /// Makes the exact layer.
  public GELU() {
    this(Approximation.NONE);
  }

  /// Makes the layer.
  ///
  /// @param approximate how $\Phi$ is computed
  public GELU(Approximation approximate) {
    this.approximate = approximate;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.gelu(x, approximate.torchName()));
  }

  @Override
  protected String extraRepr() {
    return "approximate='" + approximate.torchName() + "'";
  }
}
