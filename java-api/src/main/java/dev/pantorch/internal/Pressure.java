package dev.pantorch.internal;

/// The third net: native memory that unreachable tensors hold is invisible to the garbage
/// collector, which sees a few dozen bytes of Java object each. When more native memory has come
/// than was in use after the last collection plus an allowance, the JVM is asked to collect, and
/// what became unreachable is freed.
///
/// A collection is not asked for more often than keeps its share of the time under a tenth, until
/// twice the allowance has come or memory has actually run out.
final class Pressure {
  private static final long ALLOWANCE = 32L << 20;

  /// What a tensor is counted as besides its data, which the allocator counts. It takes half of
  /// that: the tiny ones come so fast that collections are put off to twice the allowance, and
  /// 65,536 of them then take the allowance itself.
  private static final long BYTES_PER_HANDLE = 960;

  private static final long MAX_TIME_SHARE = 10;

  private static volatile long threshold = ALLOWANCE;
  private static volatile long limit = 2 * ALLOWANCE;
  private static volatile long notBefore;
  private static volatile long collections;
  private static volatile long collectionNanos;

  /// Why the JVM is asked to collect.
  enum Cause {
    /// Much native memory has come since the last collection.
    PRESSURE,
    /// An allocation found no room.
    ALLOCATION_FAILURE,
    /// The program asked.
    REQUEST
  }

  private Pressure() {}

  /// Called for each tensor that only reachability keeps.
  static void check(Ledger ledger) {
    if ((ledger.created & 15) != 0) return;
    if (NativeRuntime.liveBytes() + BYTES_PER_HANDLE * ledger.usedEstimate() > threshold) {
      collectIfDue();
    }
  }

  private static synchronized void collectIfDue() {
    long bytes = bytes();
    if (bytes > limit || (bytes > threshold && System.nanoTime() >= notBefore)) {
      collect(Cause.PRESSURE, 0);
    }
  }

  /// Collects at once.
  ///
  /// @param wanted the bytes of the allocation that failed
  @SuppressWarnings("NonAtomicVolatileUpdate") // only here, under the lock
  static synchronized void collect(Cause cause, long wanted) {
    CollectionEvent event = FlightRecording.started() ? CollectionEvent.begin(cause, wanted) : null;
    long start = System.nanoTime();
    Reaper.endGroups();
    System.gc();
    Reaper.sweepAll(cause == Cause.PRESSURE ? CallContext.current().ledger : null);
    long end = System.nanoTime();
    if (event != null) event.finish();
    collections++;
    collectionNanos += end - start;
    notBefore = end + MAX_TIME_SHARE * (end - start);
    long left = bytes();
    long allowance = Math.max(ALLOWANCE, left / 2);
    threshold = left + allowance;
    limit = left + 2 * allowance;
  }

  static long collections() {
    return collections;
  }

  static long collectionNanos() {
    return collectionNanos;
  }

  private static long bytes() {
    return NativeRuntime.liveBytes() + BYTES_PER_HANDLE * Reaper.used();
  }
}
