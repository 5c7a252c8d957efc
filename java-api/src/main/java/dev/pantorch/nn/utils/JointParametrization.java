package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import java.util.List;

/// Computes a tensor from several others. One that computes it from one tensor is a {@link
/// dev.pantorch.nn.Layer}.
///
/// ```java
/// class RankOne extends JointParametrization {
///   @Override
///   protected Tensor forward(List<Tensor> originals) {
///     return originals.get(0).unsqueeze(-1).matmul(originals.get(1).unsqueeze(-2));
///   }
///
///   @Override
///   protected List<Tensor> rightInverse(Tensor value) {
///     var svd = Linalg.svd(value, false);
///     Tensor root = svd.s().select(0, 0).sqrt();
///     return List.of(svd.u().select(-1, 0).mul(root), svd.vh().select(-2, 0).mul(root));
///   }
/// }
/// ```
public abstract class JointParametrization extends Module {
  /// For subclasses.
  protected JointParametrization() {}

  /// Computes the tensor.
  ///
  /// @param originals as many tensors as {@link #rightInverse} returns
  /// @return the tensor
  protected abstract Tensor forward(List<Tensor> originals);

  /// Computes what the tensor is computed from. Gradients are not recorded.
  ///
  /// @param value the tensor that {@link #forward} is to return
  /// @return what to give to it
  protected abstract List<Tensor> rightInverse(Tensor value);
}
