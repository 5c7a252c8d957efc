package dev.pantorch.internal;

import dev.pantorch.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Decides which memory of Java's may become a tensor's. libtorch does not know of arenas, so
/// memory that an arena could free while a tensor uses it would crash the process. Safe are arenas
/// that cannot be closed, and {@link LendingArena}, which knows its loans.
public final class Sharing {
  private static final Map<MemorySegment.Scope, LendingArena> LENDING = new ConcurrentHashMap<>();

  /// The JDK's scopes that nobody can close. The interface does not say which these are; a class
  /// that is unknown here is refused.
  private static final Set<String> NEVER_CLOSED =
      Set.of(
          "jdk.internal.foreign.GlobalSession", // Arena.global()
          "jdk.internal.foreign.GlobalSession$HeapSession", // direct buffers
          "jdk.internal.foreign.ImplicitSession"); // Arena.ofAuto()

  private Sharing() {}

  /// An arena whose memory is tensors': it counts them, and does not close before the last is gone.
  public static final class LendingArena {
    // Shared, so that whichever thread frees the last tensor may do so.
    private final Arena memory = Arena.ofShared();
    private int loans;

    @SuppressWarnings("this-escape") // complete by then
    public LendingArena() {
      LENDING.put(memory.scope(), this);
    }

    public Arena memory() {
      return memory;
    }

    private synchronized void lend() {
      if (!memory.scope().isAlive()) throw closed();
      loans++;
    }

    private synchronized void takeBack() {
      loans--;
    }

    private synchronized int loans() {
      return loans;
    }

    public void close() {
      // Outside of the lock: whoever frees a tensor needs it.
      if (loans() > 0) NativeRuntime.collect();
      synchronized (this) {
        if (loans > 0) {
          throw new IllegalStateException(
              "cannot close the arena: %d %s its memory; close the tensors and their views, or the scope that owns them, before the arena"
                  .formatted(loans, loans == 1 ? "tensor uses" : "tensors use"));
        }
        LENDING.remove(memory.scope());
        memory.close();
      }
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the memory cannot become a tensor: its arena is closed");
  }

  /// Keeps memory for libtorch until it has let go of it.
  ///
  /// @return the number that the shim's release callback is called with
  static long lend(MemorySegment memory, DType dtype) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException(
          "an array on the Java heap cannot be shared with a tensor, since the garbage collector"
              + " moves it; copy it with Torch.tensor(...)");
    }
    if (memory.isReadOnly()) {
      throw new IllegalArgumentException(
          "read-only memory cannot be shared with a tensor, which can be written; copy it with"
              + " Torch.tensor(segment, dtype, shape)");
    }
    int alignment = dtype.isComplex() ? dtype.itemSize() / 2 : dtype.itemSize();
    if (memory.address() % alignment != 0) {
      throw new IllegalArgumentException(
          "memory at address 0x%x is not aligned for %s, which needs a multiple of %d; allocate it with that alignment, or copy it with Torch.tensor(segment, dtype, shape)"
              .formatted(memory.address(), dtype, alignment));
    }
    MemorySegment.Scope scope = memory.scope();
    if (!scope.isAlive()) throw closed();
    LendingArena arena = LENDING.get(scope);
    if (arena != null) {
      arena.lend();
      return MemoryLoans.lend(memory, arena::takeBack);
    }
    if (!NEVER_CLOSED.contains(scope.getClass().getName())) {
      throw new IllegalArgumentException(
          "memory of an arena that can be closed cannot be shared with a tensor, which might"
              + " outlive it; allocate it in TensorArena.open(), Arena.ofAuto() or Arena.global(),"
              + " or copy it with Torch.tensor(segment, dtype, shape)");
    }
    return MemoryLoans.lend(memory, () -> {});
  }
}
