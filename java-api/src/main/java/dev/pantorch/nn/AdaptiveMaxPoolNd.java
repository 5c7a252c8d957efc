package dev.pantorch.nn;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// What maximum pooling to a given size has in common.
abstract class AdaptiveMaxPoolNd extends AdaptivePoolNd {
  AdaptiveMaxPoolNd(int dimensions, @Nullable Long[] outputSize) {
    super(dimensions, outputSize);
  }

  /// Takes the maxima and says where they stood: Python's `return_indices=True`.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the maxima and their indices
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public Pooled forwardWithIndices(Tensor input) {
    return hooked(input, x -> poolWithIndices(x, size(x)));
  }

  @Override
  final Tensor pool(Tensor input, long... outputSize) {
    return poolWithIndices(input, outputSize).output();
  }

  abstract Pooled poolWithIndices(Tensor input, long... outputSize);
}
