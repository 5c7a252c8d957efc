package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The tensors that one thread made outside of scopes, each with a phantom reference that holds the
/// handle, or light ones with one for a {@link LightGroup} of them, and the thread's counts.
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
  private final GroupBudget budget = new GroupBudget();

  /// Light tensors that were found dead. Given back one by one, each before another one is made,
  /// they cost the C library a fifth of what thousands at once do. Guarded by the lock.
  private HandleList backlog = new HandleList();

  /// The group that takes the next light tensors. Guarded by the lock.
  private @Nullable LightGroup group;

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
    track(tensor, false);
  }

  /// Makes a tensor live as long as it is reachable, or somewhat longer if it is light.
  void track(Tensor tensor, boolean light) {
    if (sweptEpoch != Reaper.epoch()) sweep(false, true);
    lock();
    if (!light || !joinGroup(tensor)) young.add(TensorEntry.of(tensor));
    long late = backlog.poll();
    long next = backlog.peek();
    unlock();
    // Another thread that meets the tensor must see its owner.
    VarHandle.releaseFence();
    if (late != 0) {
      pantorch_h.pt_tensor_free_before(late, next);
      freed++;
    }
    Pressure.check(this);
  }

  /// Whether a group took it.
  private boolean joinGroup(NativeTensor tensor) {
    if (group == null) {
      if (!budget.allows(young.groups())) return false;
      group = new LightGroup();
      young.add(group.entry);
    }
    if (!group.add(tensor)) group = null;
    return true;
  }

  /// Lets go of the tensors that the ledger itself holds, as a member of the group to come.
  void endGroup() {
    lock();
    group = null;
    unlock();
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

  /// Frees what has become unreachable.
  ///
  /// @param all looks at the older entries whatever their turn
  /// @param late leaves light tensors for this thread, whose ledger it is, to free one by one as it
  ///   makes others
  void sweep(boolean all, boolean late) {
    int epoch = Reaper.epoch();
    HandleList dead = new HandleList();
    HandleList light = late ? new HandleList() : dead;
    HandleList left;
    lock();
    try {
      sweptEpoch = epoch;
      group = null;
      sweptSinceOld += young.size();
      if (all || sweptSinceOld >= old.size()) {
        EntryList alive = new EntryList();
        old.drainTo(alive, dead, light);
        old = alive;
        sweptSinceOld = 0;
      }
      // What a collection has left in the young list has outlived it.
      int opened = young.groups();
      int survivors = old.groups();
      young.drainTo(old, dead, light);
      budget.renew(opened, old.groups() - survivors, old.groups());
      left = backlog;
      backlog = late ? light : new HandleList();
      swept += dead.size() + left.size();
      skew = old.tensors() + backlog.size() - (created - freed - swept);
      freeing.incrementAndGet();
    } finally {
      unlock();
    }
    try {
      left.free();
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

  /// Handles that this thread has made, less those freed here. Who counts before and after
  /// something must not find what was made in between kept by what was made before.
  long live() {
    lock();
    try {
      group = null;
      return created - freed - swept;
    } finally {
      unlock();
    }
  }

  /// The same without those that are found dead already.
  long used() {
    lock();
    try {
      return created - freed - swept - backlog.size();
    } finally {
      unlock();
    }
  }

  /// How many of the tensors that this thread has made outside of scopes are in use, estimated
  /// without the lock.
  long usedEstimate() {
    return Math.max(0, created - freed - swept + skew - backlog.size());
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
    return abandoned && young.size() + old.size() + backlog.size() == 0 && freeing.get() == 0;
  }
}
