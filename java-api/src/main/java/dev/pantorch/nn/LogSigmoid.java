package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The logarithm of the logistic function: $-\log(1 + e^{-x})$.
///
/// ```java
/// Tensor y = new LogSigmoid().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.LogSigmoid](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LogSigmoid.html)
public final class LogSigmoid extends Layer {
  /// Makes the layer.
  public LogSigmoid() {}

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, Functional::logSigmoid);
  }
}
