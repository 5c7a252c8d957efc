package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Dropout that keeps mean and variance, for networks of {@link SELU} (Klambauer and others 2017):
/// in training, sets each element to the function's negative limit with probability $p$ and scales
/// and shifts all; in evaluation hands its input on.
///
/// ```java
/// Tensor y = new AlphaDropout(0.2).forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.AlphaDropout](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AlphaDropout.html)
public final class AlphaDropout extends DropoutNd {
  /// Drops half.
  public AlphaDropout() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that an element is dropped
  /// @throws dev.pantorch.ValueException if it is not between 0 and 1
  public AlphaDropout(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that an element is dropped
  /// @param inplace printed, but without effect, as in Python
  /// @throws dev.pantorch.ValueException if the probability is not between 0 and 1
  public AlphaDropout(double p, boolean inplace) {
    super(p, inplace);
  }

  @Override
  Tensor drop(Tensor input) {
    return Functional.alphaDropout(input, p, isTraining());
  }
}
