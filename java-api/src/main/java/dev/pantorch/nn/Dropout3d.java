package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// In training, sets whole channels of an input to 0 with probability $p$ and multiplies the others
/// by $1 / (1 - p)$; in evaluation hands its input on (Tompson and others 2014).
///
/// ```java
/// Tensor y = new Dropout3d(0.2).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D, H, W)$ or $(C, D, H, W)$; output the same.
///
/// [torch.nn.Dropout3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Dropout3d.html)
public final class Dropout3d extends DropoutNd {
  /// Drops half.
  public Dropout3d() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @throws dev.pantorch.ValueException if it is not between 0 and 1
  public Dropout3d(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @param inplace whether the input is overwritten with the output
  /// @throws dev.pantorch.ValueException if the probability is not between 0 and 1
  public Dropout3d(double p, boolean inplace) {
    super(p, inplace);
  }

  @Override
  Tensor drop(Tensor input) {
    return Functional.dropout3d(input, p, isTraining(), inplace);
  }
}
