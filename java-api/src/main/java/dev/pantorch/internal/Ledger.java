package dev.pantorch.internal;

import dev.pantorch.Tensor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The tensors that one thread made outside of scopes, each with a phantom reference that holds the
/// handle, and the thread's counts.
///
/// No reference queue: it would cost a lock and a hand-over for every tensor. The references stand
/// in an array that is swept after a garbage collection, whose coming {@link Reaper} notices. What
/// survives two sweeps moves to an older array that is swept only as often as its size warrants, so
/// that the cost per tensor stays constant however many live long.
final class Ledger {
  private static final VarHandle LOCK;

  static {
    try {
      LOCK = MethodHandles.lookup().findVarHandle(Ledger.class, "locked", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Frees the handle once its tensor is unreachable. The handle is 0 once it was freed otherwise.
  static final class Entry extends PhantomReference<Tensor> {
    long handle;

    /// The shared scope that the tensor belongs to.
    @Nullable ScopeState scope;

    Entry(Tensor referent, long handle) {
      super(referent, null);
      this.handle = handle;
    }
  }

  /// Handles adopted and freed by this thread. Sums over all threads are exact when nothing runs.
  long created;

  long freed;

  /// Freed because unreachable, by whichever thread swept. Guarded by the lock.
  private long swept;

  /// The innermost open scope: results of calls go to it.
  @Nullable ScopeState scope;

  /// What the counts differ by from what the ledger holds, at the last sweep: they count tensors of
  /// other threads that were freed here, and not those of this thread that were freed elsewhere.
  private long skew;

  private final EntryList young = new EntryList();
  private EntryList old = new EntryList();
  // Entries swept since the older ones were: when as many as there are, these are due again.
  private long sweptSinceOld;
  private int sweptEpoch;
  private boolean abandoned;
  // Sweeps that have taken handles out and not freed all of them yet.
  private final AtomicInteger freeing = new AtomicInteger();

  @SuppressWarnings("unused") // through LOCK
  private volatile int locked;

  /// Makes a tensor live as long as it is reachable.
  void track(Tensor tensor) {
    NativeTensor state = tensor;
    Entry entry = new Entry(tensor, state.handle);
    state.owner = entry;
    if (sweptEpoch != Reaper.epoch()) sweep(false);
    lock();
    young.add(entry);
    unlock();
    // Another thread that meets the tensor must see its owner.
    VarHandle.releaseFence();
    Pressure.check(this);
  }

  private void lock() {
    // A sweep of many entries takes milliseconds; everything else takes nanoseconds.
    for (int spins = 0; !LOCK.compareAndSet(this, 0, 1); spins++) {
      if (spins < 100) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(10_000);
      }
    }
  }

  private void unlock() {
    LOCK.setRelease(this, 0);
  }

  boolean isSweptIn(int epoch) {
    return sweptEpoch == epoch;
  }

  /// Frees what has become unreachable; `all` looks at the older entries whatever their turn.
  void sweep(boolean all) {
    int epoch = Reaper.epoch();
    HandleList dead = new HandleList();
    lock();
    try {
      sweptEpoch = epoch;
      sweptSinceOld += young.size();
      if (all || sweptSinceOld >= old.size()) {
        EntryList survivors = new EntryList();
        old.drainTo(survivors, dead);
        old = survivors;
        sweptSinceOld = 0;
      }
      // What a collection has left in the young list has outlived it.
      young.drainTo(old, dead);
      swept += dead.size();
      skew = young.size() + old.size() - (created - freed - swept);
      freeing.incrementAndGet();
    } finally {
      unlock();
    }
    try {
      dead.free();
    } finally {
      freeing.decrementAndGet();
    }
  }

  /// Waits until what other threads' sweeps have taken is free: a sweep of one's own does not find
  /// it any more. For a second at most, since a free that needs memory itself, and waits here for
  /// the sweep that it is part of, would wait forever.
  void awaitFrees() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (freeing.get() > 0 && System.nanoTime() < deadline) LockSupport.parkNanos(10_000);
  }

  /// The innermost scope that is open; a shared one may have been closed by another thread.
  @Nullable ScopeState innermost() {
    ScopeState candidate = scope;
    while (candidate != null && !candidate.open) candidate = candidate.outer;
    scope = candidate;
    return candidate;
  }

  /// Handles that this thread has made, less those freed here.
  long live() {
    lock();
    try {
      return created - freed - swept;
    } finally {
      unlock();
    }
  }

  /// How many of the tensors that this thread has made outside of scopes are alive, estimated
  /// without the lock.
  long liveEstimate() {
    return Math.max(0, created - freed - swept + skew);
  }

  /// The thread is gone: nobody else can close its scopes.
  void abandon() {
    for (ScopeState open = scope; open != null; open = open.outer) {
      if (!open.isShared()) open.free();
    }
    scope = null;
    abandoned = true;
  }

  boolean isAbandonedAndEmpty() {
    return abandoned && young.size() + old.size() == 0 && freeing.get() == 0;
  }
}
