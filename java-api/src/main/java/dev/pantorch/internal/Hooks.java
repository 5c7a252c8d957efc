package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ffi.generated.pt_autograd_set_hook_callbacks$release;
import dev.pantorch.ffi.generated.pt_hook_callback;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Java functions that libtorch's autograd engine calls. One upcall stub serves all hooks; a number
/// says which, and what else C++ keeps of Java has such a number, too. A Java exception must not
/// cross into C++, so it is kept here under a number, the shim throws that number through the
/// engine, and the gate throws the exception itself on the other side.
public final class Hooks {
  /// What a hook does with a gradient: a replacement, or null to leave it.
  @FunctionalInterface
  public interface Hook {
    @Nullable Tensor apply(Tensor grad);
  }

  private static final Map<Long, Object> CONTEXTS = new ConcurrentHashMap<>();
  private static final Map<Long, Throwable> FAILURES = new ConcurrentHashMap<>();
  private static final AtomicLong NEXT = new AtomicLong(1);

  private Hooks() {}

  /// Connected with the first hook: an upcall stub takes some milliseconds.
  private static final class Upcalls {
    static {
      NativeRuntime.ensureLoaded();
      pt_hook_callback.Function invoke = Hooks::invoke;
      pt_autograd_set_hook_callbacks$release.Function release = Hooks::release;
      pantorch_h.pt_autograd_set_hook_callbacks(
          pt_hook_callback.allocate(invoke, Arena.global()),
          pt_autograd_set_hook_callbacks$release.allocate(release, Arena.global()));
    }

    static void connect() {}
  }

  /// Registers a hook, or what else the shim holds, under a number of its own; the shim releases
  /// it.
  static long add(Object context) {
    Upcalls.connect();
    long id = NEXT.getAndIncrement();
    CONTEXTS.put(id, context);
    return id;
  }

  static @Nullable Object get(long id) {
    return CONTEXTS.get(id);
  }

  /// Takes back a hook that the shim refused.
  static void remove(long id) {
    CONTEXTS.remove(id);
  }

  static boolean isRegistered(long id) {
    return CONTEXTS.containsKey(id);
  }

  private static void release(long id) {
    CONTEXTS.remove(id);
  }

  private static long invoke(long id, long mode, long grad, long outReplacement) {
    return run(
        mode,
        context -> {
          if (!(CONTEXTS.get(id) instanceof Hook hook)) return;
          Tensor tensor = context.adopt(pantorch_h.pt_tensor_retain(grad));
          Tensor replacement = hook.apply(tensor);
          if (replacement != null) {
            Memory.putLong(outReplacement, ((NativeTensor) replacement).retain());
          }
        });
  }

  /// The body of a callback: in the modes that the shim found, and with every failure kept for the
  /// gate.
  ///
  /// @return 0, or the number of the failure
  static long run(long mode, Consumer<CallContext> body) {
    try {
      CallContext context = CallContext.current();
      long outside = context.mode;
      context.mode = mode;
      try {
        body.accept(context);
        return 0;
      } finally {
        context.mode = outside;
      }
    } catch (Throwable failure) {
      return keepFailure(failure);
    }
  }

  /// Keeps the exception of a callback until the call that it is inside of has returned.
  static long keepFailure(Throwable failure) {
    long number = NEXT.getAndIncrement();
    FAILURES.put(number, failure);
    return number;
  }

  /// The exception that a callback threw, to be thrown again as itself.
  static RuntimeException takeFailure(long number) {
    Throwable failure = FAILURES.remove(number);
    if (failure == null) {
      return new IllegalStateException("a callback failed, but its exception is gone");
    }
    return Hooks.<RuntimeException>sneaky(failure);
  }

  @SuppressWarnings("unchecked") // erased: throws whatever it is, checked or not
  private static <T extends Throwable> RuntimeException sneaky(Throwable failure) throws T {
    throw (T) failure;
  }
}
