package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Handles to be freed in batches, one downcall each.
final class HandleList {
  private static final int BATCH = 512;

  private long[] handles = new long[16];
  private int count;

  void add(long handle) {
    if (count == handles.length) handles = Arrays.copyOf(handles, count * 4);
    handles[count++] = handle;
  }

  int size() {
    return count;
  }

  void free() {
    if (count == 0) return;
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(ValueLayout.JAVA_LONG, BATCH).address();
      for (int done = 0; done < count; done += BATCH) {
        int batch = Math.min(BATCH, count - done);
        for (int i = 0; i < batch; i++) Memory.putLong(address + 8L * i, handles[done + i]);
        pantorch_h.pt_tensor_free_all(address, batch);
      }
    }
  }
}
