package dev.pantorch.internal;

import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import org.jspecify.annotations.Nullable;

/// `aten::to`, which Python offers in forms that the generator cannot tell apart.
public final class Conversions {
  private static final Op TO_OPTIONS = Op.of("aten::to.dtype_layout");
  private static final Op TO_OTHER = Op.of("aten::to.other");

  private Conversions() {}

  public static Tensor to(
      Tensor tensor,
      TensorOptions options,
      boolean nonBlocking,
      boolean copy,
      @Nullable MemoryFormat memoryFormat) {
    if (options != null && options.requiresGrad()) {
      throw new IllegalArgumentException(
          "to() records gradients for its result when the tensor has them; call requiresGrad_()"
              + " instead of setting requiresGrad in the options");
    }
    CallFrame f = CallFrame.enter(TO_OPTIONS);
    try {
      f.tensor(0, tensor);
      f.options(1, options);
      f.bool(10, nonBlocking);
      f.bool(11, copy);
      f.optMemoryFormat(12, memoryFormat);
      f.call();
      return f.tensorResult(0);
    } finally {
      f.exit();
    }
  }

  public static Tensor to(Tensor tensor, Tensor other, boolean nonBlocking, boolean copy) {
    CallFrame f = CallFrame.enter(TO_OTHER);
    try {
      f.tensor(0, tensor);
      f.tensor(1, other);
      f.bool(2, nonBlocking);
      f.bool(3, copy);
      f.optMemoryFormat(4, null);
      f.call();
      return f.tensorResult(0);
    } finally {
      f.exit();
    }
  }
}
