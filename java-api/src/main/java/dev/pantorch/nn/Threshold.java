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

  /// Makes the layer.
  ///
  /// @param threshold what an input has to exceed
  /// @param value what other inputs become
  public Threshold(double threshold, double value) {
    this.threshold = threshold;
    this.value = value;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.threshold(x, threshold, value));
  }

  @Override
  protected String extraRepr() {
    return "threshold=%s, value=%s"
        .formatted(PythonText.number(threshold), PythonText.number(value));
  }
}
