package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ffi.generated.pt_release_callback;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Java objects whose memory libtorch uses: kept reachable until libtorch has let go of it.
final class MemoryLoans {
  private static final Map<Long, Object> LENT = new ConcurrentHashMap<>();
  private static final AtomicLong NEXT = new AtomicLong(1);

  private MemoryLoans() {}

  static void install() {
    pt_release_callback.Function release = LENT::remove;
    pantorch_h.pt_tensor_set_release_callback(
        pt_release_callback.allocate(release, Arena.global()));
  }

  static long lend(Object keptAlive) {
    long id = NEXT.getAndIncrement();
    LENT.put(id, keptAlive);
    return id;
  }

  static void takeBack(long id) {
    LENT.remove(id);
  }
}
