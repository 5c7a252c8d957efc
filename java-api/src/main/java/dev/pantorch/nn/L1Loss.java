package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The absolute error: $|x - y|$.
///
/// ```java
/// Tensor loss = new L1Loss().forward(model.forward(x), y);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.L1Loss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.L1Loss.html)
public final class L1Loss extends Loss {
  /// The mean over all elements.
  public L1Loss() {
    this(Reduction.MEAN);
  }

  /// A loss with a reduction.
  ///
  /// @param reduction what becomes of the losses of single elements
  public L1Loss(Reduction reduction) {
    super(reduction);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.l1Loss(input, target, reduction);
  }
}
