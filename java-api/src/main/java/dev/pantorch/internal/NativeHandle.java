package dev.pantorch.internal;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// A handle of anything but a tensor, freed when it is closed, or once this is unreachable. There
/// are few of them, so a cleaner's price does not matter.
public final class NativeHandle implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicLong LIVE = new AtomicLong();

  private final long address;
  private final Cleaner.Cleanable cleanable;

  public NativeHandle(long address, LongConsumer free) {
    this.address = address;
    LIVE.incrementAndGet();
    cleanable =
        CLEANER.register(
            this,
            () -> {
              free.accept(address);
              LIVE.decrementAndGet();
            });
  }

  /// The handle, valid while this is reachable: a call's frame sees to it.
  long in(CallFrame frame) {
    frame.keepReachable(this);
    return address;
  }

  /// Frees it, once. The owner sees to it that no call uses it then or later.
  @Override
  public void close() {
    cleanable.clean();
  }

  /// How many there are, for tests of leaks.
  public static long live() {
    return LIVE.get();
  }
}
