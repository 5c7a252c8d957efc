package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A scope. A confined one keeps the handles of its tensors in native memory, so that one downcall
/// frees them all. A shared one keeps the tensors, which have ledger entries of their own, and
/// closes each, since calls of other threads may be using them.
public final class ScopeState {
  private static final int FIRST_CAPACITY = 64;
  private static final int[] NO_HOLES = {};

  final Ledger ledger;
  final String threadName;
  final @Nullable ScopeState outer;
  volatile boolean open = true;

  // One of the two is used.
  private final @Nullable List<Tensor> shared;

  /// At this size the members that were closed or moved away are dropped.
  private int nextSweep = FIRST_CAPACITY;

  private Buffer handles;
  private int count;

  /// Places below the count that are free: a scope that stays open must not grow with what was
  /// closed in it.
  private int[] holes = NO_HOLES;

  private int holeCount;

  /// At leak level TRACE: what the program has lost is in memory all the same until the scope ends.
  private @Nullable Set<NativeTensor> traced;

  /// How many calls were under way when the scope was opened: those may not borrow its tensors.
  private final int depth;

  private ScopeState(CallContext context, @Nullable List<Tensor> shared) {
    this.depth = context.depth();
    this.ledger = context.ledger;
    this.threadName = Thread.currentThread().getName();
    this.outer = ledger.scope;
    this.shared = shared;
    this.handles = shared == null ? context.takeBuffer() : Buffer.NONE;
    ledger.scope = this;
  }

  /// Reused from scope to scope of a thread; freed with its context.
  static final class Buffer {
    private final long address;
    private final int capacity;

    // Keeps the memory alive.
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final Arena arena;

    private Buffer(int capacity) {
      this.arena = Arena.ofAuto();
      this.address = capacity == 0 ? 0 : arena.allocate(8L * capacity, 8).address();
      this.capacity = capacity;
    }

    static final Buffer NONE = new Buffer(0);

    static Buffer first() {
      return new Buffer(FIRST_CAPACITY);
    }

    private Buffer grown(int used) {
      Buffer larger = new Buffer(Math.multiplyExact(capacity, 2));
      MemorySegment.copy(
          Memory.segment(address, 8L * used),
          0,
          Memory.segment(larger.address, 8L * used),
          0,
          8L * used);
      return larger;
    }
  }

  void add(CallContext context, Tensor tensor) {
    NativeTensor state = tensor;
    if (shared != null) {
      addShared(shared, context, tensor);
      return;
    }
    int slot = holeCount > 0 ? holes[--holeCount] : count++;
    if (slot == handles.capacity) handles = handles.grown(slot);
    Memory.putLong(handles.address + 8L * slot, state.handle);
    state.owner = this;
    state.slot = slot;
    if (AllocationSites.enabled()) trace(state);
  }

  private void trace(NativeTensor tensor) {
    if (traced == null) traced = Collections.newSetFromMap(new IdentityHashMap<>());
    traced.add(tensor);
  }

  private void addShared(List<Tensor> members, CallContext context, Tensor tensor) {
    if (!(((NativeTensor) tensor).owner instanceof TensorEntry)) context.ledger.track(tensor);
    boolean late;
    synchronized (members) {
      ((TensorEntry) ((NativeTensor) tensor).owner).scope = this;
      late = !open;
      if (!late) {
        if (members.size() == nextSweep) {
          members.removeIf(member -> !isMember(member));
          nextSweep = Math.max(FIRST_CAPACITY, 2 * members.size());
        }
        members.add(tensor);
      }
    }
    if (late) {
      tensor.close();
      throw new IllegalStateException("cannot add a tensor to a scope that is closed");
    }
  }

  /// Whether a call that is under way in this thread may have borrowed a tensor of this scope.
  boolean mayBeBorrowed(CallContext context) {
    return context.depth() > depth;
  }

  boolean isShared() {
    return shared != null;
  }

  /// Takes a tensor's handle out, leaving a hole that closing skips and a later tensor fills.
  long remove(NativeTensor tensor) {
    int slot = tensor.slot;
    Memory.putLong(handles.address + 8L * slot, 0);
    if (traced != null) traced.remove(tensor);
    if (slot == count - 1) {
      count--;
    } else {
      if (holeCount == holes.length) holes = Arrays.copyOf(holes, Math.max(8, 2 * holeCount));
      holes[holeCount++] = slot;
    }
    return tensor.handle;
  }

  /// How many tensors would be freed if the scope were closed now.
  public int size() {
    if (shared != null) {
      synchronized (shared) {
        return (int) shared.stream().filter(this::isMember).count();
      }
    }
    int live = 0;
    for (int i = 0; i < count; i++) {
      if (Memory.getLong(handles.address + 8L * i) != 0) live++;
    }
    return live;
  }

  private boolean isMember(Tensor tensor) {
    NativeTensor state = tensor;
    return state.owner instanceof TensorEntry entry && entry.scope == this && !state.closedNow();
  }

  public boolean isOpen() {
    return open;
  }

  /// Opens a scope in this thread; results of calls go to it from now on.
  public static ScopeState open() {
    return new ScopeState(CallContext.current(), null);
  }

  /// Opens a scope whose tensors any thread may use.
  public static ScopeState openShared() {
    return new ScopeState(CallContext.current(), new ArrayList<>());
  }

  /// The innermost open scope of this thread.
  public static @Nullable ScopeState current() {
    return CallContext.current().ledger.innermost();
  }

  /// Frees the tensors, and those of the inner scopes that were left open.
  public void close() {
    if (shared != null) {
      closeShared(shared);
      return;
    }
    if (!open) return;
    CallContext context = CallContext.current();
    if (context.ledger != ledger) {
      throw new IllegalStateException(
          "a scope opened by thread '%s' was closed by thread '%s': scopes are confined to their thread"
              .formatted(threadName, Thread.currentThread().getName()));
    }
    ScopeState inner = ledger.scope;
    while (inner != null && inner != this) {
      inner.end(context);
      inner = inner.outer;
    }
    end(context);
    ledger.scope = outer;
  }

  private void closeShared(List<Tensor> members) {
    List<Tensor> closing;
    synchronized (members) {
      if (!open) return;
      open = false;
      closing = members.stream().filter(this::isMember).toList();
      members.clear();
    }
    closing.forEach(Tensor::close);
  }

  private void end(CallContext context) {
    if (shared != null) {
      closeShared(shared);
    } else if (open) {
      if (mayBeBorrowed(context)) leaveToCalls(context);
      free();
      context.returnBuffer(handles);
    }
  }

  private void leaveToCalls(CallContext context) {
    for (int i = 0; i < count; i++) {
      long handle = Memory.getLong(handles.address + 8L * i);
      if (handle == 0) continue;
      context.freeAfterCalls(handle);
      ledger.freed++;
    }
    count = 0;
  }

  /// For scopes whose thread has ended as well, from the reaper.
  void free() {
    open = false;
    traced = null;
    if (count == 0) return;
    ledger.freed += size();
    pantorch_h.pt_tensor_free_all(handles.address, count);
    count = 0;
  }
}
