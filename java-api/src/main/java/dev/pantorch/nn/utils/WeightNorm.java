package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.Internal;
import java.util.List;

/// See {@link Parametrizations#weightNorm}.
final class WeightNorm extends JointParametrization {
  private final long dim;

  WeightNorm(long dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor forward(List<Tensor> originals) {
    Tensor length = originals.get(0);
    Tensor direction = originals.get(1);
    if (dim == 0 || dim == direction.dim() - 1) {
      return Internal.weightNorm(direction, length, dim);
    }
    // What the operator does then; its check of arguments is for its kernel, which cannot.
    Tensor v = direction.contiguous();
    return v.mul(length.contiguous().div(Torch.normExceptDim(v, 2, dim)));
  }

  @Override
  protected List<Tensor> rightInverse(Tensor value) {
    return List.of(Torch.normExceptDim(value, 2, dim), value);
  }

  @Override
  public String toString() {
    return "_WeightNorm()";
  }
}
