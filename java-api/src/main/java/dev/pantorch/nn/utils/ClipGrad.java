package dev.pantorch.nn.utils;

import dev.pantorch.Device;
import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.TensorGroups;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.List;

/// Gradient clipping, against exploding gradients.
///
/// ```java
/// loss.backward();
/// clipGradNorm_(model.parameters(), 1.0);
/// optimizer.step();
/// ```
///
/// Gradients are handled as lists, a few native calls for all of them, as Python does.
public final class ClipGrad {
  private ClipGrad() {}

  /// Scales all gradients by one factor so that their 2-norm, taken as one vector, is at most
  /// `maxNorm`: $g \leftarrow g \cdot \min(1, max / (norm + 10^{-6}))$.
  ///
  /// @param parameters tensors, those without gradient included
  /// @param maxNorm the greatest norm
  /// @return the norm before clipping, a scalar tensor; read it only when needed, on a GPU it is
  ///   computed later
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.clip_grad_norm_.html">
  ///   torch.nn.utils.clip_grad_norm_</a>
  public static Tensor clipGradNorm_(List<Tensor> parameters, double maxNorm) {
    return clipGradNorm_(parameters, maxNorm, 2, false);
  }

  /// The same with another norm, and optionally with an error for gradients that are not numbers.
  ///
  /// @param parameters tensors, those without gradient included
  /// @param maxNorm the greatest norm
  /// @param normType the p of the p-norm; infinity for the greatest absolute value
  /// @param errorIfNonfinite whether a norm that is NaN or infinite is an error
  /// @return the norm before clipping, a scalar tensor
  /// @throws TorchException if the norm is NaN or infinite and that is an error; no gradient has
  ///   changed
  public static Tensor clipGradNorm_(
      List<Tensor> parameters, double maxNorm, double normType, boolean errorIfNonfinite) {
    return TensorScope.scope(() ->
        Torch.noGrad(() -> {
          List<List<Tensor>> groups = gradients(parameters);
          Tensor norm = totalNorm(groups, normType, errorIfNonfinite);
          scale(groups, maxNorm, norm);
          return norm;
        }));
  }

  /// The norm of tensors taken as one vector.
  ///
  /// @param tensors any tensors, as the gradients of a model
  /// @param normType the p of the p-norm; infinity for the greatest absolute value
  /// @param errorIfNonfinite whether a norm that is NaN or infinite is an error
  /// @return a scalar tensor
  /// @throws TorchException if the norm is NaN or infinite and that is an error
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.get_total_norm.html">
  ///   torch.nn.utils.get_total_norm</a>
  public static Tensor getTotalNorm(
      List<Tensor> tensors, double normType, boolean errorIfNonfinite) {
    return TensorScope.scope(() ->
        Torch.noGrad(
            () -> totalNorm(TensorGroups.byDeviceAndDtype(tensors), normType, errorIfNonfinite)));
  }

  /// Scales gradients as {@link #clipGradNorm_(List, double)} does, by a norm that is known.
  ///
  /// @param parameters tensors, those without gradient included
  /// @param maxNorm the greatest norm
  /// @param totalNorm the norm of the gradients
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.clip_grads_with_norm_.html">
  ///   torch.nn.utils.clip_grads_with_norm_</a>
  public static void clipGradsWithNorm_(List<Tensor> parameters, double maxNorm, Tensor totalNorm) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      scale(gradients(parameters), maxNorm, totalNorm);
    }
  }

  /// Cuts off every element of the gradients at `-clipValue` and `clipValue`.
  ///
  /// @param parameters tensors, those without gradient included
  /// @param clipValue the greatest absolute value
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.clip_grad_value_.html">
  ///   torch.nn.utils.clip_grad_value_</a>
  public static void clipGradValue_(List<Tensor> parameters, double clipValue) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      for (List<Tensor> group : gradients(parameters)) {
        Foreach.clampMin_(group, -clipValue);
        Foreach.clampMax_(group, clipValue);
      }
    }
  }

  private static List<List<Tensor>> gradients(List<Tensor> parameters) {
    List<Tensor> gradients = new ArrayList<>(parameters.size());
    for (Tensor parameter : parameters) {
      Tensor gradient = parameter.grad();
      if (gradient != null) gradients.add(gradient);
    }
    return TensorGroups.byDeviceAndDtype(gradients);
  }

  private static Tensor totalNorm(
      List<List<Tensor>> groups, double normType, boolean errorIfNonfinite) {
    if (groups.isEmpty()) return Torch.zeros(TensorOptions.defaults());
    Device first = groups.getFirst().getFirst().device();
    List<Tensor> norms = new ArrayList<>();
    for (List<Tensor> group : groups) {
      List<Tensor> own = Foreach.norm(group, normType);
      if (!group.getFirst().device().equals(first)) {
        own.replaceAll(norm -> norm.to(first));
      }
      norms.addAll(own);
    }
    Tensor total = Linalg.vectorNorm(Torch.stack(norms), normType);
    if (errorIfNonfinite && !Double.isFinite(total.item())) {
      throw new TorchException(
          "The total norm of order %s for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
              .formatted(PythonText.number(normType)));
    }
    return total;
  }

  private static void scale(List<List<Tensor>> groups, double maxNorm, Tensor totalNorm) {
    // The order of operations is Python's, `max_norm / (total_norm + 1e-6)` included, which is a
    // reciprocal and a product there.
    Tensor factor = totalNorm.add(1e-6).reciprocal().mul(maxNorm).clampMax(1.0);
    for (List<Tensor> group : groups) {
      Foreach.mul_(group, factor.to(group.getFirst().device()));
    }
  }
}
