package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// In training, sets whole channels of an input to 0 with probability $p$ and multiplies the others
/// by $1 / (1 - p)$; in evaluation hands its input on (Tompson and others 2014).
///
/// ```java
/// Tensor y = new Dropout1d(0.2).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L)$ or $(C, L)$; output the same.
///
/// [torch.nn.Dropout1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Dropout1d.html)
public final class Dropout1d extends DropoutNd {
  /// Drops half.
  public Dropout1d() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @throws dev.pantorch.ValueException if it is not between 0 and 1
  public Dropout1d(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @param inplace whether the input is overwritten with the output
  /// @throws dev.pantorch.ValueException if the probability is not between 0 and 1
  public Dropout1d(double p, boolean inplace) {
    super(p, inplace);
  }

  @Override
  Tensor drop(Tensor input) {
    return Functional.dropout1d(input, p, isTraining(), inplace);
  }
}
