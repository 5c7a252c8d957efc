package dev.pantorch.internal;

import dev.pantorch.Tensor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A pair of functions that keep what graphs save, in force in one thread between open and close.
public final class SavedTensorHooks {
  private final Function<Tensor, Object> pack;
  private final Function<Object, Tensor> unpack;
  private final CallContext context;
  private final @Nullable SavedTensorHooks outer;
  private boolean open = true;

  private SavedTensorHooks(
      Function<Tensor, Object> pack, Function<Object, Tensor> unpack, CallContext context) {
    this.pack = pack;
    this.unpack = unpack;
    this.context = context;
    this.outer = context.savedTensorHooks;
  }

  /// What a graph saved, as `pack` returned it.
  private record Packed(Object content, Function<Object, Tensor> unpack) {}

  public static SavedTensorHooks open(
      Function<Tensor, Object> pack, Function<Object, Tensor> unpack) {
    Functions.connect();
    CallContext context = CallContext.current();
    SavedTensorHooks hooks = new SavedTensorHooks(pack, unpack, context);
    hooks.use(hooks);
    return hooks;
  }

  public void close() {
    if (!open) return;
    if (context != CallContext.current()) {
      throw new IllegalStateException(
          "hooks on saved tensors were closed by thread '%s', which did not open them"
              .formatted(Thread.currentThread().getName()));
    }
    if (context.savedTensorHooks != this) {
      throw new IllegalStateException(
          "hooks on saved tensors were closed before the ones opened inside of them");
    }
    open = false;
    use(outer);
  }

  private void use(@Nullable SavedTensorHooks hooks) {
    context.savedTensorHooks = hooks;
    context.mode = Modes.withSavedTensorHooks(context.mode, hooks != null);
  }

  static long pack(CallContext context, Tensor tensor) {
    SavedTensorHooks hooks = context.savedTensorHooks;
    if (hooks == null) throw new AssertionError("the mode word says that there are hooks");
    return Hooks.add(new Packed(hooks.pack.apply(tensor), hooks.unpack));
  }

  static Tensor unpack(long id) {
    if (!(Hooks.get(id) instanceof Packed packed)) {
      throw new IllegalStateException("a saved tensor's packed form is gone");
    }
    Tensor tensor = packed.unpack.apply(packed.content);
    if (tensor == null) {
      throw new NullPointerException(
          "the unpack function of a saved tensor returned null; expected a Tensor");
    }
    return tensor;
  }
}
