package dev.pantorch.internal;

import dev.pantorch.HookHandle;
import dev.pantorch.IndexException;
import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The shim's functions on tensors other than operators, with handles checked and pinned.
public final class TensorCalls {
  private TensorCalls() {}

  public static TensorDescription describe(Tensor tensor) {
    if (Tracing.anywhere()) Tracing.sizesRead();
    CallFrame f = CallFrame.enter();
    try {
      return TensorDescription.of(f, f.acquire(tensor));
    } finally {
      f.exit();
    }
  }

  /// The dimension that a possibly negative number means.
  public static int wrapDim(int dim, int dims) {
    if (dim < -dims || dim >= dims) {
      throw new IndexException(
          dims == 0
              ? "dimension %d of a scalar tensor, which has none".formatted(dim)
              : "dimension %d is out of range; expected %d to %d for a tensor of %d dimensions"
                  .formatted(dim, -dims, dims - 1, dims));
    }
    return dim < 0 ? dim + dims : dim;
  }

  public static Tensor setRequiresGrad(Tensor tensor, boolean requires) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(
          pantorch_h.pt_tensor_set_requires_grad(f.acquireToChange(tensor), requires ? 1 : 0));
      return tensor;
    } finally {
      f.exit();
    }
  }

  public static @Nullable Tensor grad(Tensor tensor) {
    Substitution.requireNone(tensor);
    CallFrame f = CallFrame.enter();
    try {
      MemorySegment out = f.outSlot();
      NativeErrors.check(pantorch_h.pt_tensor_grad(f.acquire(tensor), out));
      long handle = f.out();
      return handle == 0 ? null : f.context().adopt(handle);
    } finally {
      f.exit();
    }
  }

  public static void setGrad(Tensor tensor, @Nullable Tensor grad) {
    Substitution.requireNone(tensor);
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(
          pantorch_h.pt_tensor_set_grad(
              f.acquire(tensor), grad == null ? 0 : f.acquireToChange(grad)));
    } finally {
      f.exit();
    }
  }

  public static void retainGrad(Tensor tensor) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_tensor_retain_grad(f.acquire(tensor)));
    } finally {
      f.exit();
    }
  }

  public static @Nullable String gradFnName(Tensor tensor) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_tensor_grad_fn_name(f.acquire(tensor), f.outSlot()));
      String name = takeText(f.out());
      // Some names come with C++'s namespaces, `torch::autograd::CopySlices`.
      return name == null ? null : name.substring(name.lastIndexOf(':') + 1);
    } finally {
      f.exit();
    }
  }

  public static long version(Tensor tensor) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_tensor_version(f.acquire(tensor), f.outSlot()));
      return f.out();
    } finally {
      f.exit();
    }
  }

  /// Removes or zeroes the gradients of many tensors in one downcall.
  public static void zeroGrad(List<Tensor> tensors, boolean setToNone) {
    tensors.forEach(Substitution::requireNone);
    CallFrame f = CallFrame.enter();
    try {
      long handles = handles(f, tensors);
      NativeErrors.check(
          pantorch_h.pt_tensors_zero_grad(
              f.context().mode, handles, tensors.size(), setToNone ? 1 : 0));
    } finally {
      f.exit();
    }
  }

  public static void backward(
      List<Tensor> outputs,
      @Nullable List<Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph,
      List<Tensor> inputs) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(
          pantorch_h.pt_autograd_backward(
              f.context().mode,
              handles(f, outputs),
              weights(f, outputs, gradOutputs),
              outputs.size(),
              handles(f, inputs),
              inputs.size(),
              retainGraph ? 1 : 0,
              createGraph ? 1 : 0));
    } finally {
      f.exit();
    }
  }

  public static List<@Nullable Tensor> gradients(
      List<Tensor> outputs,
      List<Tensor> inputs,
      @Nullable List<Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph,
      boolean allowUnused) {
    CallFrame f = CallFrame.enter();
    try {
      long out = f.allocate(8L * inputs.size());
      NativeErrors.check(
          pantorch_h.pt_autograd_grad(
              f.context().mode,
              handles(f, outputs),
              weights(f, outputs, gradOutputs),
              outputs.size(),
              handles(f, inputs),
              inputs.size(),
              retainGraph || createGraph ? 1 : 0,
              createGraph ? 1 : 0,
              allowUnused ? 1 : 0,
              out));
      List<@Nullable Tensor> gradients = new ArrayList<>(inputs.size());
      for (int i = 0; i < inputs.size(); i++) {
        long handle = Memory.getLong(out + 8L * i);
        gradients.add(handle == 0 ? null : f.context().adopt(handle));
      }
      return gradients;
    } finally {
      f.exit();
    }
  }

  private static long weights(CallFrame f, List<Tensor> outputs, @Nullable List<Tensor> weights) {
    if (weights != null && weights.size() != outputs.size()) {
      throw new IllegalArgumentException(
          "%d gradients were given for %d outputs; expected one for each, or none at all"
              .formatted(weights.size(), outputs.size()));
    }
    if (weights != null) return handles(f, weights);
    long address = f.allocate(8L * outputs.size());
    for (int i = 0; i < outputs.size(); i++) Memory.putLong(address + 8L * i, 0);
    return address;
  }

  static long handles(CallFrame f, List<Tensor> tensors) {
    long address = f.allocate(8L * tensors.size());
    int i = 0;
    for (Tensor tensor : tensors) Memory.putLong(address + 8L * i++, f.acquireToChange(tensor));
    return address;
  }

  public static HookHandle registerHook(Tensor tensor, UnaryOperator<@Nullable Tensor> hook) {
    return register(
        hook::apply,
        (f, context) -> {
          NativeErrors.check(
              pantorch_h.pt_tensor_register_hook(f.acquire(tensor), context, f.outSlot()));
          long id = f.out();
          return () -> removeHook(tensor, context, id);
        });
  }

  private interface Registration {
    HookHandle with(CallFrame f, long context);
  }

  /// Registers a hook under a number, and takes the number back if the shim refuses.
  private static HookHandle register(Hooks.Hook hook, Registration registration) {
    long context = Hooks.add(hook);
    CallFrame f = CallFrame.enter();
    try {
      return registration.with(f, context);
    } catch (RuntimeException e) {
      Hooks.remove(context);
      throw e;
    } finally {
      f.exit();
    }
  }

  private static void removeHook(Tensor tensor, long context, long id) {
    // The graph may be gone, or the tensor closed: then so is the hook.
    if (!Hooks.isRegistered(context) || tensor.isClosed()) return;
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_tensor_remove_hook(f.acquire(tensor), id));
    } finally {
      f.exit();
    }
  }

  public static HookHandle setPostAccumulateHook(Tensor tensor, Consumer<Tensor> hook) {
    return register(
        leaf -> {
          hook.accept(leaf);
          return null;
        },
        (f, context) -> {
          NativeErrors.check(
              pantorch_h.pt_tensor_set_post_accumulate_hook(f.acquire(tensor), context));
          return () -> removePostAccumulateHook(tensor, context);
        });
  }

  private static void removePostAccumulateHook(Tensor tensor, long context) {
    // Another hook may have replaced this one.
    if (!Hooks.isRegistered(context) || tensor.isClosed()) return;
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_tensor_set_post_accumulate_hook(f.acquire(tensor), 0));
    } finally {
      f.exit();
    }
  }

  public static void setAnomalyMode(boolean enabled, boolean checkNan) {
    Functions.connect();
    pantorch_h.pt_autograd_set_anomaly_mode(enabled ? 1 : 0, checkNan ? 1 : 0);
  }

  /// How a quantized tensor is scaled (`c10::QScheme`).
  public static int qscheme(Tensor tensor) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_tensor_qscheme(f.acquire(tensor), f.outSlot()));
      return (int) f.out();
    } finally {
      f.exit();
    }
  }

  /// A text that the shim allocated, or null for 0.
  public static @Nullable String takeText(long address) {
    if (address == 0) return null;
    try {
      return Memory.getCString(address);
    } finally {
      pantorch_h.pt_free(address);
    }
  }
}
