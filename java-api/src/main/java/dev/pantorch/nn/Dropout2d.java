package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// In training, sets whole channels of an input to 0 with probability $p$ and multiplies the others
/// by $1 / (1 - p)$; in evaluation hands its input on (Tompson and others 2014).
///
/// ```java
/// Tensor y = new Dropout2d(0.2).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H, W)$, or $(N, C, L)$ as in Python; output the same.
///
/// [torch.nn.Dropout2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Dropout2d.html)
public final class Dropout2d extends DropoutNd {
  /// Drops half.
  public Dropout2d() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @throws dev.pantorch.ValueException if it is not between 0 and 1
  public Dropout2d(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @param inplace whether the input is overwritten with the output
  /// @throws dev.pantorch.ValueException if the probability is not between 0 and 1
  public Dropout2d(double p, boolean inplace) {
    super(p, inplace);
  }

  @Override
  Tensor drop(Tensor input) {
    return Functional.dropout2d(input, p, isTraining(), inplace);
  }
}
