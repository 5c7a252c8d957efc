package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ops.Internal;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Moves tensors to another device or dtype without making them other tensors.
final class Conversion {
  private Conversion() {}

  static void convert(Collection<Tensor> tensors, @Nullable DType dtype, @Nullable Device device) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      for (Tensor tensor : tensors) {
        convert(tensor, dtype, device);
        Tensor grad = tensor.grad();
        if (grad != null) convert(grad, dtype, device);
      }
    }
  }

  private static void convert(Tensor tensor, @Nullable DType dtype, @Nullable Device device) {
    DType current = tensor.dtype();
    boolean changes = current.isFloatingPoint() || current.isComplex();
    TensorOptions target =
        TensorOptions.defaults().dtype(dtype != null && changes ? dtype : current);
    if (device != null) target = target.on(device);
    Internal.setData(tensor, tensor.to(target));
  }
}
