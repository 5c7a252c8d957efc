package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// Cuts off at both ends: $\min(\max(x, min), max)$.
///
/// ```java
/// Tensor y = new Hardtanh().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Hardtanh](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Hardtanh.html)
public final class Hardtanh extends Layer {
  private final double minVal;
  private final double maxVal;
  private final boolean inplace;

  /// Makes the layer with minVal -1.0 and maxVal 1.0.
  public Hardtanh() {
    this(-1.0, 1.0);
  }

  /// Makes the layer.
  ///
  /// @param minVal the least output
  /// @param maxVal the greatest output
  public Hardtanh(double minVal, double maxVal) {
    this(minVal, maxVal, false);
  }

  /// Makes the layer.
  ///
  /// @param minVal the least output
  /// @param maxVal the greatest output
  /// @param inplace whether the input is overwritten with the output
  public Hardtanh(double minVal, double maxVal, boolean inplace) {
    this.minVal = minVal;
    this.maxVal = maxVal;
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
                ? Functional.hardtanh_(x, minVal, maxVal)
                : Functional.hardtanh(x, minVal, maxVal));
  }

  @Override
  protected String extraRepr() {
    return "min_val=%s, max_val=%s".formatted(PythonText.number(minVal), PythonText.number(maxVal))
        + (inplace ? ", inplace=True" : "");
  }
}
