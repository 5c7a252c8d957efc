package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// What a tensor is to this library: a native handle and who frees it. Two kinds of owner exist.
///
/// A confined scope's tensors are used by the scope's thread only, so closing the scope cannot race
/// with a call, and using such a tensor costs two comparisons.
///
/// Every other tensor may be shared between threads and is owned by a {@link HandleHolder}, which
/// frees it once it is unreachable: an entry of its own, or a group of light tensors, which it
/// leaves when it is kept, changed or moved to a scope. Each call pins it, so that a close by
/// another thread waits for the calls that are under way: the last one out frees the handle.
///
/// A parametrized tensor has neither: it stands for what {@link Substitution} computes.
public abstract class NativeTensor {
  private static final VarHandle PINS;

  static {
    try {
      PINS = MethodHandles.lookup().findVarHandle(NativeTensor.class, "pins", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Set in {@link #pins} once the tensor is closed; the bits below count the calls under way.
  private static final int CLOSED = 1 << 31;

  /// The shim's handle, 0 once a confined tensor is closed.
  long handle;

  /// A {@link ScopeState}, a {@link HandleHolder} or a {@link Substitution}.
  Object owner = Unowned.INSTANCE;

  /// Where a confined scope or a group keeps the handle.
  int slot;

  @SuppressWarnings("unused") // through PINS
  private volatile int pins;

  private enum Unowned {
    INSTANCE
  }

  protected NativeTensor(long handle) {
    this.handle = handle;
  }

  /// Pins the tensor for a call of this context and returns its handle.
  final long acquire(CallFrame frame, CallContext context) {
    if (owner instanceof ScopeState scope) {
      checkConfined(scope, context);
      return handle;
    }
    if (!pin()) return substitution().compute().acquire(frame, context);
    frame.hold(this);
    return handle;
  }

  /// Whether the tensor is open, and now stays so until it is unpinned.
  private boolean pin() {
    int seen;
    do {
      seen = pins;
      if (seen < 0) return false;
    } while (!PINS.weakCompareAndSetAcquire(this, seen, seen + 1));
    return true;
  }

  private Substitution substitution() {
    if (owner instanceof Substitution substitution) return substitution;
    throw closed();
  }

  /// Makes each use of this tensor a use of a computed one. It counts as closed from then on, so
  /// that no other tensor pays for the question.
  ///
  /// @return a tensor with the memory and the gradient that this one had
  final Tensor beginSubstitution(Substitution substitution) {
    if (!(owner instanceof HandleHolder holder) || !PINS.compareAndSet(this, 0, CLOSED)) {
      throw new IllegalStateException(
          "a tensor can be parametrized only while it is open, kept and used by no other thread");
    }
    CallContext context = CallContext.current();
    long own = holder.take(this);
    context.ledger.freed++;
    Tensor moved = context.adopt(own).keep();
    owner = substitution;
    return moved;
  }

  /// Gives this tensor the memory and the gradient of another one, with which it shares both.
  final void endSubstitution(Tensor other) {
    substitution();
    handle = ((NativeTensor) other).retain();
    CallContext context = CallContext.current();
    context.ledger.created++;
    context.ledger.track((Tensor) this);
    pins = 0;
  }

  final boolean isSubstituted() {
    return owner instanceof Substitution;
  }

  final void unpin() {
    int before = (int) PINS.getAndAddRelease(this, -1);
    if (before == (CLOSED | 1)) freeOwned();
  }

  /// Frees the tensor, unless that has already happened. A confined tensor can be closed by its own
  /// thread only.
  protected final void closeNow() {
    if (owner instanceof ScopeState scope) {
      if (!scope.open || handle == 0) return;
      CallContext context = CallContext.current();
      if (scope.ledger != context.ledger) throw wrongThread(scope);
      long freed = scope.remove(this);
      handle = 0;
      if (scope.mayBeBorrowed(context)) {
        context.freeAfterCalls(freed);
      } else {
        pantorch_h.pt_tensor_free(freed);
      }
      context.ledger.freed++;
      return;
    }
    if (owner instanceof Substitution) {
      owner = Unowned.INSTANCE;
      return;
    }
    int before = (int) PINS.getAndBitwiseOr(this, CLOSED);
    if (before == 0) freeOwned();
  }

  private void freeOwned() {
    pantorch_h.pt_tensor_free(((HandleHolder) owner).take(this));
    CallContext.current().ledger.freed++;
  }

  protected final boolean closedNow() {
    return owner instanceof ScopeState scope
        ? !scope.open || handle == 0
        : pins < 0 && !isSubstituted();
  }

  /// Moves the tensor to a scope, or to no scope (null), after which it lives as long as it is
  /// reachable.
  protected final void moveNow(@Nullable ScopeState target) {
    if (isSubstituted()) {
      if (target == null) return;
      throw new IllegalStateException(
          "a parametrized tensor is computed at each use and cannot be moved to a scope; call"
              + " clone() to have its values");
    }
    CallContext context = CallContext.current();
    if (target != null) checkTarget(target, context);
    if (target != null && !target.isShared()) {
      moveToConfined(target, context);
    } else {
      becomeShared(context);
      if (target != null) {
        target.add(context, (Tensor) this);
      } else {
        ((TensorEntry) owner).scope = null;
      }
    }
  }

  private static void checkTarget(ScopeState target, CallContext context) {
    if (!target.open) {
      throw new IllegalStateException("cannot move a tensor into a scope that is closed");
    }
    if (!target.isShared() && target.ledger != context.ledger) {
      throw new IllegalStateException(
          "cannot move a tensor into a scope of thread '%s' from thread '%s'; open a scope in this thread, or open it with TensorScope.openShared()"
              .formatted(target.threadName, Thread.currentThread().getName()));
    }
  }

  private void moveToConfined(ScopeState target, CallContext context) {
    if (owner instanceof ScopeState scope) {
      checkConfined(scope, context);
      if (scope == target) return;
      leave(scope, context);
    } else {
      // Closed to other threads from here on; one that is inside a call must not lose it.
      if (!PINS.compareAndSet(this, 0, CLOSED)) {
        throw pins < 0
            ? closed()
            : new IllegalStateException(
                "cannot move a tensor into a confined scope while another thread uses it");
      }
      ((HandleHolder) owner).take(this);
    }
    target.add(context, (Tensor) this);
  }

  private void becomeShared(CallContext context) {
    if (owner instanceof ScopeState scope) {
      checkConfined(scope, context);
      leave(scope, context);
      pins = 0;
      context.ledger.track((Tensor) this);
    } else if (pins < 0 || !leaveGroup(context)) {
      throw closed();
    }
  }

  /// Gives a member of a group an entry of its own.
  ///
  /// @return whether it has one, or a scope: what is closed stays where it is
  final boolean leaveGroup(CallContext context) {
    if (!(owner instanceof LightGroup group)) return true;
    if (!pin()) return false;
    try {
      synchronized (group) {
        if (owner == group) {
          group.take(this);
          context.ledger.track((Tensor) this);
        }
      }
      return true;
    } finally {
      unpin();
    }
  }

  /// Takes the tensor out of its confined scope, alive.
  private void leave(ScopeState scope, CallContext context) {
    if (scope.mayBeBorrowed(context)) {
      context.freeAfterCalls(pantorch_h.pt_tensor_retain(handle));
    }
    scope.remove(this);
  }

  private void checkConfined(ScopeState scope, CallContext context) {
    if (scope.ledger != context.ledger) throw wrongThread(scope);
    if (!scope.open || handle == 0) throw closed();
  }

  protected final boolean isIn(ScopeState scope) {
    return owner == scope || (owner instanceof TensorEntry entry && entry.scope == scope);
  }

  /// A further reference to the same native tensor, for the shim to keep.
  final long retain() {
    CallContext context = CallContext.current();
    CallFrame frame = context.push();
    try {
      return pantorch_h.pt_tensor_retain(acquire(frame, context));
    } finally {
      frame.exit();
    }
  }

  private IllegalStateException closed() {
    return new IllegalStateException(
        "tensor "
            + describeClosed()
            + " is closed: it was freed by close() or by the end of its scope; to use it longer,"
            + " return it from the scope, or call keep() or moveTo(outer)");
  }

  private IllegalStateException wrongThread(ScopeState scope) {
    return new IllegalStateException(
        "a tensor of a scope opened by thread '%s' was used by thread '%s': scopes are confined to their thread; call keep() on the tensor, or open the scope with TensorScope.openShared()"
            .formatted(scope.threadName, Thread.currentThread().getName()));
  }

  /// What is still known of a closed tensor, to name it in an error.
  private String describeClosed() {
    String site = AllocationSites.describe(this);
    return AllocationSites.name(this) + (site == null ? "" : site);
  }
}
