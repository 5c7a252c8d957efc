package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;

/// A parametrization that knows what to compute a given tensor from.
///
/// ```java
/// class Symmetric extends Layer implements RightInverse {
///   @Override
///   public Tensor forward(Tensor x) {
///     return x.triu().add(x.triu(1).mT());
///   }
///
///   @Override
///   public Tensor rightInverse(Tensor value) {
///     return value.triu();
///   }
/// }
/// ```
///
/// A layer that does not implement this takes the tensor as it is.
public interface RightInverse {
  /// Computes what the layer gives the value for. Gradients are not recorded.
  ///
  /// @param value the tensor that forward is to return
  /// @return what to give to forward, of the same dtype
  /// @throws dev.pantorch.NotImplementedException if it cannot be had: a parametrization that is
  ///   being registered then takes the value itself
  Tensor rightInverse(Tensor value);
}
