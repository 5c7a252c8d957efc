package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ffi.generated.pt_backward_callback;
import dev.pantorch.ffi.generated.pt_describe_callback;
import dev.pantorch.ffi.generated.pt_pack_callback;
import dev.pantorch.ffi.generated.pt_stack_callback;
import dev.pantorch.ffi.generated.pt_unpack_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Functions whose derivative is written in Java, and what else the autograd engine asks of Java:
/// to keep what graphs save, and where a forward call was made.
public final class Functions {
  private static final StackWalker STACK = StackWalker.getInstance();

  private Functions() {}

  /// The derivative of one call of a function.
  @FunctionalInterface
  public interface Derivative {
    /// The gradients of the inputs, null where there is none; too few or too many by mistake.
    List<@Nullable Tensor> apply(List<@Nullable Tensor> grads, List<Tensor> saved);
  }

  /// What a call of a function came to, for {@link #apply}.
  public record Call(
      String name,
      int flags,
      List<Tensor> inputs,
      List<Tensor> outputs,
      List<Tensor> dirty,
      List<Tensor> nonDifferentiable,
      List<Tensor> saved,
      Derivative derivative) {}

  /// Connected when first needed: an upcall stub takes some milliseconds.
  private static final class Upcalls {
    static {
      NativeRuntime.ensureLoaded();
      pt_backward_callback.Function backward = Functions::backward;
      pt_pack_callback.Function pack = Functions::pack;
      pt_unpack_callback.Function unpack = Functions::unpack;
      pt_stack_callback.Function stack = Functions::stack;
      pt_describe_callback.Function describe = Functions::describe;
      Arena arena = Arena.global();
      pantorch_h.pt_function_set_callbacks(
          pt_backward_callback.allocate(backward, arena),
          pt_pack_callback.allocate(pack, arena),
          pt_unpack_callback.allocate(unpack, arena),
          pt_stack_callback.allocate(stack, arena),
          pt_describe_callback.allocate(describe, arena));
    }

    static void connect() {}
  }

  /// To be called before anything that makes C++ use the callbacks.
  static void connect() {
    Upcalls.connect();
  }

  public static int materializeGrads() {
    return pantorch_h.PT_FUNCTION_MATERIALIZE_GRADS();
  }

  public static int onceDifferentiable() {
    return pantorch_h.PT_FUNCTION_ONCE_DIFFERENTIABLE();
  }

  /// The results of a call, with the derivative as their history.
  public static List<Tensor> apply(Call call) {
    connect();
    CallFrame f = CallFrame.enter();
    try (Arena arena = Arena.ofConfined()) {
      int outputs = call.outputs.size();
      long out = f.allocate(8L * outputs);
      long inputs = TensorCalls.handles(f, call.inputs);
      long results = TensorCalls.handles(f, call.outputs);
      long dirty = TensorCalls.handles(f, call.dirty);
      long nonDifferentiable = TensorCalls.handles(f, call.nonDifferentiable);
      long saved = TensorCalls.handles(f, call.saved);
      MemorySegment name = arena.allocateFrom(call.name);
      NativeErrors.check(
          pantorch_h.pt_function_apply(
              f.context().mode,
              Hooks.add(new Recorded(call)),
              name,
              call.flags,
              inputs,
              call.inputs.size(),
              results,
              outputs,
              dirty,
              call.dirty.size(),
              nonDifferentiable,
              call.nonDifferentiable.size(),
              saved,
              call.saved.size(),
              out));
      List<Tensor> wrapped = new ArrayList<>(outputs);
      for (int i = 0; i < outputs; i++) {
        wrapped.add(f.context().adopt(Memory.getLong(out + 8L * i)));
      }
      return wrapped;
    } finally {
      f.exit();
    }
  }

  /// What the graph keeps of a call: no tensors, which it keeps itself.
  private record Recorded(String name, int inputs, int outputs, int saved, Derivative derivative) {
    Recorded(Call call) {
      this(call.name, call.inputs.size(), call.outputs.size(), call.saved.size(), call.derivative);
    }
  }

  private static long backward(long id, long mode, long grads, long saved, long outGrads) {
    return Hooks.run(
        mode,
        context -> {
          if (!(Hooks.get(id) instanceof Recorded call)) {
            throw new IllegalStateException("the derivative of a function is gone");
          }
          // What backward makes is freed here; what it returns belongs to the engine.
          try (TensorScope scope = TensorScope.open()) {
            List<@Nullable Tensor> given = new ArrayList<>(call.outputs);
            for (int i = 0; i < call.outputs; i++) {
              given.add(adopt(context, Memory.getLong(grads + 8L * i)));
            }
            List<Tensor> kept = new ArrayList<>(call.saved);
            for (int i = 0; i < call.saved; i++) {
              kept.add(context.adopt(pantorch_h.pt_tensor_retain(Memory.getLong(saved + 8L * i))));
            }
            List<@Nullable Tensor> found = call.derivative.apply(given, kept);
            checkCount(call, found);
            for (int i = 0; i < call.inputs; i++) {
              Tensor gradient = found.get(i);
              long handle = gradient == null ? 0 : ((NativeTensor) gradient).retain();
              Memory.putLong(outGrads + 8L * i, handle);
            }
          }
        });
  }

  private static @Nullable Tensor adopt(CallContext context, long handle) {
    return handle == 0 ? null : context.adopt(pantorch_h.pt_tensor_retain(handle));
  }

  /// More than there are inputs is well as long as the others are nulls, as in Python.
  private static void checkCount(Recorded call, List<@Nullable Tensor> gradients) {
    int needed = gradients.size();
    while (needed > call.inputs && gradients.get(needed - 1) == null) needed--;
    if (needed != call.inputs) {
      throw new IllegalArgumentException(
          "function %s returned an incorrect number of gradients (expected %d, got %d)"
              .formatted(call.name, call.inputs, gradients.size()));
    }
  }

  private static long pack(long mode, long tensor, long outPacked) {
    return Hooks.run(
        mode,
        context -> {
          Tensor saved = context.adopt(pantorch_h.pt_tensor_retain(tensor));
          Memory.putLong(outPacked, SavedTensorHooks.pack(context, saved));
        });
  }

  private static long unpack(long id, long mode, long outTensor) {
    return Hooks.run(
        mode,
        context ->
            Memory.putLong(outTensor, ((NativeTensor) SavedTensorHooks.unpack(id)).retain()));
  }

  private static long stack() {
    try {
      return Hooks.add(
          STACK.walk(frames ->
              frames
                  .map(StackWalker.StackFrame::toStackTraceElement)
                  .filter(e -> !isInternal(e))
                  .toArray(StackTraceElement[]::new)));
    } catch (Throwable t) {
      // There is a C++ frame above; a missing stack costs a line of a warning.
      return 0;
    }
  }

  private static boolean isInternal(StackTraceElement element) {
    String name = element.getClassName();
    return name.startsWith("dev.pantorch.internal.")
        || name.startsWith("dev.pantorch.ffi.")
        || name.startsWith("dev.pantorch.ops.");
  }

  private static void describe(long id, MemorySegment node, int parent) {
    try {
      if (!(Hooks.get(id) instanceof StackTraceElement[] stack)) return;
      String name = Memory.getCString(node.address());
      StringBuilder text =
          new StringBuilder(
              parent == 0
                  ? "Error detected in %s. Stack of the forward call that caused the error:"
                      .formatted(name)
                  : "Previous calculation was induced by %s. Stack of the forward call that induced the previous calculation:"
                      .formatted(name));
      for (StackTraceElement element : stack) {
        text.append(System.lineSeparator()).append("    at ").append(element);
      }
      Log.LOGGER.log(System.Logger.Level.WARNING, text.toString());
    } catch (Throwable t) {
      // A failing logger must not take the process down: there is a C++ frame above.
    }
  }
}
