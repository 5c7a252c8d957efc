package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The squared error: $(x - y)^2$.
///
/// ```java
/// Tensor loss = new MSELoss().forward(model.forward(x), y);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.MSELoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MSELoss.html)
public final class MSELoss extends Loss {
  /// The mean over all elements.
  public MSELoss() {
    this(Reduction.MEAN);
  }

  /// A loss with a reduction.
  ///
  /// @param reduction what becomes of the losses of single elements
  public MSELoss(Reduction reduction) {
    super(reduction);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.mseLoss(input, target, reduction);
  }
}
