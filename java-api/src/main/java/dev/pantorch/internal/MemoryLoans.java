package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ffi.generated.pt_release_callback;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Java objects whose memory libtorch uses: kept reachable until libtorch has let go of it.
final class MemoryLoans {
  private record Loan(Object keptAlive, Runnable whenReturned) {}

  private static final Map<Long, Loan> LENT = new ConcurrentHashMap<>();
  private static final AtomicLong NEXT = new AtomicLong(1);

  private MemoryLoans() {}

  /// Connected with the first loan.
  private static final class Upcall {
    static {
      NativeRuntime.ensureLoaded();
      pt_release_callback.Function release = MemoryLoans::takeBack;
      pantorch_h.pt_tensor_set_release_callback(
          pt_release_callback.allocate(release, Arena.global()));
    }

    static void connect() {}
  }

  /// @param whenReturned called by whatever thread frees the last tensor; must not throw or block
  static long lend(Object keptAlive, Runnable whenReturned) {
    Upcall.connect();
    long id = NEXT.getAndIncrement();
    LENT.put(id, new Loan(keptAlive, whenReturned));
    return id;
  }

  static void takeBack(long id) {
    Loan loan = LENT.remove(id);
    if (loan != null) loan.whenReturned().run();
  }
}
