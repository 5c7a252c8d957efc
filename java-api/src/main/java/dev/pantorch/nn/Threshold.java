package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// Replaces small values: $x$ where $x$ exceeds the threshold, else the value.
///
/// ```java
/// Tensor y = new Threshold(0.1, 0).forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Threshold](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Threshold.html)
public final class Threshold extends Layer {
  private final double threshold;
  private final double value;
  private final boolean inplace;

  /// Makes the layer.
  ///
  /// @param threshold what an input has to exceed
  /// @param value what other inputs become
  public Threshold(double threshold, double value) {
    this(threshold, value, false);
  }

  /// Makes the layer.
  ///
  /// @param threshold what an input has to exceed
  /// @param value what other inputs become
  /// @param inplace whether the input is overwritten with the output
  public Threshold(double threshold, double value, boolean inplace) {
    this.threshold = threshold;
    this.value = value;
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
                ? Functional.threshold_(x, threshold, value)
                : Functional.threshold(x, threshold, value));
  }

  @Override
  protected String extraRepr() {
    return "threshold=%s, value=%s"
            .formatted(PythonText.number(threshold), PythonText.number(value))
        + (inplace ? ", inplace=True" : "");
  }
}
