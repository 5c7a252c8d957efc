package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/// Handles to be freed in batches, one downcall each. They stand in batches from the start: one
/// array for all would be a humongous object to G1, which answers each of those with a marking
/// cycle.
final class HandleList {
  private static final int BATCH = 512;

  private final ArrayDeque<long[]> batches = new ArrayDeque<>();
  private int count;
  private int taken;

  void add(long handle) {
    int place = count++ % BATCH;
    if (place == 0) batches.add(new long[BATCH]);
    batches.getLast()[place] = handle;
  }

  int size() {
    return count - taken;
  }

  /// The handle that has been here for longest, which is then the caller's to free; 0 if there is
  /// none.
  long poll() {
    if (taken == count) return 0;
    int place = taken++;
    long handle = batches.getFirst()[place];
    if (place == BATCH - 1) {
      batches.removeFirst();
      count -= BATCH;
      taken = 0;
    }
    return handle;
  }

  /// The handle that {@link #poll} gives next, or 0.
  long peek() {
    return taken == count ? 0 : batches.getFirst()[taken];
  }

  void free() {
    if (size() == 0) return;
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(ValueLayout.JAVA_LONG, BATCH).address();
      int from = taken;
      int left = count;
      for (long[] batch : batches) {
        int to = Math.min(BATCH, left);
        for (int i = from; i < to; i++) Memory.putLong(address + 8L * i, batch[i]);
        pantorch_h.pt_tensor_free_all(address + 8L * from, to - from);
        left -= to;
        from = 0;
      }
    }
  }
}
