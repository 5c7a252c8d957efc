package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.Internal;

/// A sparse gradient, each of its places once.
final class SparseGradient {
  private final Tensor gradient;

  SparseGradient(Tensor gradient) {
    this.gradient = gradient.coalesce();
  }

  /// The values at its places.
  Tensor values() {
    return Internal.values(gradient);
  }

  /// A dense tensor's values at its places.
  Tensor of(Tensor dense) {
    return Internal.values(dense.sparseMask(gradient));
  }

  /// A sparse tensor with other values at its places.
  Tensor with(Tensor values) {
    return Torch.sparseCooTensor(
        Internal.indices(gradient), values, gradient.shape(), values.dtype().on(values.device()));
  }
}
