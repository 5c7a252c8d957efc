package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import java.util.Arrays;
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

  private static final Entry[] NONE = new Entry[0];

  /// Handles adopted and freed by this thread. Sums over all threads are exact when nothing runs.
  long created;

  long freed;

  /// Freed because unreachable, by whichever thread swept. Guarded by the lock.
  private long swept;

  /// The innermost open scope: results of calls go to it.
  @Nullable ScopeState scope;

  private Entry[] young = NONE;
  private int youngCount;
  private Entry[] old = NONE;
  private int oldCount;
  // Entries swept since the older ones were: when as many as there are, these are due again.
  private long sweptSinceOld;
  private int sweptEpoch;
  private boolean abandoned;

  @SuppressWarnings("unused") // through LOCK
  private volatile int locked;

  /// Makes a tensor live as long as it is reachable.
  void track(Tensor tensor) {
    NativeTensor state = tensor;
    Entry entry = new Entry(tensor, state.handle);
    state.owner = entry;
    if (sweptEpoch != Reaper.epoch()) sweep(false);
    lock();
    if (youngCount == young.length) {
      young = Arrays.copyOf(young, Math.max(256, youngCount * 2));
    }
    young[youngCount++] = entry;
    unlock();
    // Another thread that meets the tensor must see its owner.
    VarHandle.releaseFence();
    Pressure.check(this);
  }

  private void lock() {
    while (!LOCK.compareAndSet(this, 0, 1)) Thread.onSpinWait();
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
    Handles dead = new Handles();
    lock();
    try {
      sweptEpoch = epoch;
      sweptSinceOld += youngCount;
      int kept = compact(young, youngCount, dead);
      if (all || sweptSinceOld >= oldCount) {
        oldCount = compact(old, oldCount, dead);
        sweptSinceOld = 0;
      }
      promote(kept);
      swept += dead.count;
    } finally {
      unlock();
    }
    dead.free();
  }

  private static int compact(Entry[] entries, int count, Handles dead) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      Entry entry = entries[i];
      if (entry.handle == 0) continue;
      if (entry.refersTo(null)) {
        dead.add(entry.handle);
        entry.handle = 0;
      } else {
        entries[kept++] = entry;
      }
    }
    Arrays.fill(entries, kept, count, null);
    return kept;
  }

  /// What a sweep left in the young array has outlived a collection.
  private void promote(int kept) {
    if (oldCount + kept > old.length) {
      old = Arrays.copyOf(old, Math.max(256, (oldCount + kept) * 3 / 2));
    }
    System.arraycopy(young, 0, old, oldCount, kept);
    oldCount += kept;
    youngCount = 0;
    if (young.length > 4096 && kept < young.length / 8) {
      young = new Entry[young.length / 2];
    } else {
      Arrays.fill(young, 0, kept, null);
    }
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

  /// The same without the lock, for estimates.
  long liveEstimate() {
    return created - freed - swept;
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
    return abandoned && youngCount == 0 && oldCount == 0;
  }

  /// Handles taken out under the lock, to be freed after it: freeing may run hooks' releases.
  private static final class Handles {
    private static final int FREED_AT_ONCE = 512;

    private long[] handles = new long[16];
    private int count;

    void add(long handle) {
      if (count == handles.length) handles = Arrays.copyOf(handles, count * 4);
      handles[count++] = handle;
    }

    void free() {
      if (count == 0) return;
      try (Arena arena = Arena.ofConfined()) {
        long address = arena.allocate(ValueLayout.JAVA_LONG, FREED_AT_ONCE).address();
        for (int done = 0; done < count; done += FREED_AT_ONCE) {
          int batch = Math.min(FREED_AT_ONCE, count - done);
          for (int i = 0; i < batch; i++) Memory.putLong(address + 8L * i, handles[done + i]);
          pantorch_h.pt_tensor_free_all(address, batch);
        }
      }
    }
  }
}
