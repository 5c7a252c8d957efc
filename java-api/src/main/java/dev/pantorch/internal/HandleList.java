package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Handles to be freed in batches, one downcall each. They stand in batches from the start: one
/// array for all would be a humongous object to G1, which answers each of those with a marking
/// cycle.
final class HandleList {
  private static final int BATCH = 512;

  private final List<long[]> batches = new ArrayList<>();
  private int count;

  void add(long handle) {
    int place = count++ % BATCH;
    if (place == 0) batches.add(new long[BATCH]);
    batches.getLast()[place] = handle;
  }

  int size() {
    return count;
  }

  void free() {
    if (count == 0) return;
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(ValueLayout.JAVA_LONG, BATCH).address();
      int left = count;
      for (long[] batch : batches) {
        int size = Math.min(BATCH, left);
        for (int i = 0; i < size; i++) Memory.putLong(address + 8L * i, batch[i]);
        pantorch_h.pt_tensor_free_all(address, size);
        left -= size;
      }
    }
  }
}
