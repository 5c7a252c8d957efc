package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// In training, sets each element to 0 with probability $p$ and multiplies the others by $1 / (1 -
/// p)$; in evaluation hands its input on (Hinton and others 2012).
///
/// ```java
/// Tensor y = new Dropout(0.2).forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Dropout](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Dropout.html)
public final class Dropout extends DropoutNd {
  /// Drops half.
  public Dropout() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that an element is dropped
  /// @throws dev.pantorch.ValueException if it is not between 0 and 1
  public Dropout(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that an element is dropped
  /// @param inplace whether the input is overwritten with the output
  /// @throws dev.pantorch.ValueException if the probability is not between 0 and 1
  public Dropout(double p, boolean inplace) {
    super(p, inplace);
  }

  @Override
  Tensor drop(Tensor input) {
    return inplace
        ? Functional.dropout_(input, p, isTraining())
        : Functional.dropout(input, p, isTraining());
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    return new UnscaledKernel(x -> x);
  }
}
