package dev.pantorch;

import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.MemoryBean;
import dev.pantorch.internal.NativeRuntime;

/// The CPU memory of tensors, which Pantorch's caching allocator manages: exact figures, bounds,
/// and giving memory back. Named after `torch.cuda`'s functions, which do the same for a GPU.
///
/// ```java
/// CpuMemory.resetPeakMemoryStats();
/// model.forward(x);
/// System.out.println(CpuMemory.maxMemoryAllocated() + " bytes at most");
/// ```
///
/// With the system property `pantorch.allocator=libtorch` libtorch's own allocator is used instead;
/// the figures are then 0 and the bounds without effect.
///
/// The same figures are in JFR's events `pantorch.MemoryStatistics` and in the {@link
/// MemoryMXBean}.
public final class CpuMemory {
  private static volatile long limit = -1;

  private CpuMemory() {}

  /// Bytes that live tensors have asked for.
  ///
  /// @return bytes
  public static long memoryAllocated() {
    return NativeRuntime.memoryCounter(pantorch_h.PT_MEMORY_LIVE_BYTES());
  }

  /// The most that {@link #memoryAllocated} has been since {@link #resetPeakMemoryStats}.
  ///
  /// @return bytes
  public static long maxMemoryAllocated() {
    return NativeRuntime.memoryCounter(pantorch_h.PT_MEMORY_PEAK_BYTES());
  }

  /// Makes what is allocated now the peak.
  public static void resetPeakMemoryStats() {
    NativeRuntime.ensureLoaded();
    pantorch_h.pt_memory_reset_peak();
  }

  /// Bytes held from the system: live, cached, and rounding.
  ///
  /// @return bytes
  public static long memoryReserved() {
    return NativeRuntime.memoryCounter(pantorch_h.PT_MEMORY_RESERVED_BYTES());
  }

  /// Bytes that are free and ready for reuse.
  ///
  /// @return bytes
  public static long memoryCached() {
    return NativeRuntime.memoryCounter(pantorch_h.PT_MEMORY_CACHED_BYTES());
  }

  /// How many allocations were ever made.
  ///
  /// @return the number
  public static long allocations() {
    return NativeRuntime.memoryCounter(pantorch_h.PT_MEMORY_TOTAL_ALLOCATIONS());
  }

  /// How many allocations exist.
  ///
  /// @return the number
  public static long liveAllocations() {
    return NativeRuntime.memoryCounter(pantorch_h.PT_MEMORY_LIVE_ALLOCATIONS());
  }

  /// How often the JVM was asked to collect: under pressure, after a failed allocation, or by
  /// {@link LeakDetection#collect}.
  ///
  /// @return the number
  public static long collections() {
    return NativeRuntime.collections();
  }

  /// How long these collections took, with the freeing of tensors that follows.
  ///
  /// @return milliseconds
  public static long collectionTime() {
    return NativeRuntime.collectionNanos() / 1_000_000;
  }

  /// Gives the cached memory back to the system.
  public static void emptyCache() {
    NativeRuntime.ensureLoaded();
    pantorch_h.pt_memory_trim();
  }

  /// Bounds the cached bytes.
  ///
  /// @param bytes the bound; -1 for the default, which follows the peak of live bytes
  public static void setCacheLimit(long bytes) {
    NativeRuntime.ensureLoaded();
    pantorch_h.pt_memory_set_cache_limit(checked(bytes));
  }

  /// Bounds the live bytes. An allocation beyond the bound first frees what is unreachable, then
  /// fails with {@link OutOfMemoryException}.
  ///
  /// @param bytes the bound; -1 for none
  public static void setLimit(long bytes) {
    NativeRuntime.ensureLoaded();
    pantorch_h.pt_memory_set_limit(checked(bytes));
    limit = bytes;
  }

  /// The bound on the live bytes.
  ///
  /// @return the bound of {@link #setLimit}; -1 for none
  public static long limit() {
    return limit;
  }

  /// Registers the {@link MemoryMXBean} with the platform's server, which is started if it was not.
  /// Otherwise the bean comes by itself, some seconds after the server was started.
  ///
  /// @throws IllegalStateException if this Java runtime has no module `java.management`
  public static void registerMXBean() {
    NativeRuntime.ensureLoaded();
    MemoryBean.registerWithPlatform();
  }

  private static long checked(long bytes) {
    if (bytes < -1) {
      throw new IllegalArgumentException(
          "a limit of %d bytes; expected 0 or more, or -1 for none".formatted(bytes));
    }
    return bytes;
  }
}
