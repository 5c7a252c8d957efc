package dev.pantorch.internal;

import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.ffi.NativeLibrary;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ffi.generated.pt_memory_pressure_callback;
import dev.pantorch.ffi.generated.pt_warning_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;

/// Loads the native side once and connects its callbacks.
///
/// The system property `pantorch.allocator` chooses who manages the CPU memory of tensors:
/// `caching` (the default) or `libtorch`.
public final class NativeRuntime {
  public static final String ALLOCATOR_PROPERTY = "pantorch.allocator";

  private NativeRuntime() {}

  /// Begun before the libraries are loaded, to go on at the same time.
  private static final class Ahead {
    static final Linking LINKING = new Linking();

    static {
      LINKING.start();
    }

    static void begin() {}
  }

  /// Initialised on first use, so that the class initialisation lock makes it happen once.
  private static final class Loaded {
    static final long COUNTERS;

    static {
      String allocator = System.getProperty(ALLOCATOR_PROPERTY, "caching");
      boolean caching = allocator.equals("caching");
      if (!caching && !allocator.equals("libtorch")) {
        throw new IllegalArgumentException(
            "system property %s is '%s'; expected 'caching' or 'libtorch'"
                .formatted(ALLOCATOR_PROPERTY, allocator));
      }
      Ahead.LINKING.awaitCalls();
      int what =
          pantorch_h.PT_START_CALLBACKS_ON_DEMAND()
              | (caching ? pantorch_h.PT_START_CACHING_ALLOCATOR() : 0);
      try (Arena arena = Arena.ofConfined()) {
        long counters = arena.allocate(Long.BYTES, Long.BYTES).address();
        NativeErrors.check(pantorch_h.pt_runtime_start(what, counters));
        COUNTERS = Memory.getLong(counters);
      }
      Ahead.LINKING.started();
      try {
        // Its level may be set by a system property, which counts from the first tensor on.
        MethodHandles.lookup().ensureInitialized(LeakDetection.class);
        MethodHandles.lookup().ensureInitialized(Tensor.class);
      } catch (IllegalAccessException e) {
        throw new ExceptionInInitializerError(e);
      }
      Observability.start();
    }
  }

  /// Sets the callbacks that the library was started without.
  static void connectCallbacks() {
    pt_warning_callback.Function warn = NativeRuntime::warn;
    pt_memory_pressure_callback.Function relieve = NativeRuntime::underPressure;
    pantorch_h.pt_runtime_set_warning_callback(pt_warning_callback.allocate(warn, Arena.global()));
    pantorch_h.pt_memory_set_pressure_callback(
        pt_memory_pressure_callback.allocate(relieve, Arena.global()));
  }

  public static void ensureLoaded() {
    Ahead.begin();
    // Not only when the class is initialised: that fails once with the reason, then without it.
    NativeLibrary.load();
    if (Loaded.COUNTERS == 0) throw new AssertionError("the memory counters have no address");
  }

  /// Native bytes of live tensors' data, up to some lag.
  static long liveBytes() {
    return Memory.getLong(Loaded.COUNTERS + 8L * pantorch_h.PT_MEMORY_LIVE_BYTES());
  }

  /// A memory counter (`PT_MEMORY_*`), brought up to date.
  public static long memoryCounter(int index) {
    ensureLoaded();
    return Memory.getLong(pantorch_h.pt_memory_counters() + 8L * index);
  }

  /// Tensor handles that are alive over all threads; exact when no thread runs.
  public static long liveHandles() {
    return Reaper.live();
  }

  /// Frees the tensors that are unreachable by now, after a garbage collection.
  public static void collect() {
    ensureLoaded();
    Pressure.collect(Pressure.Cause.REQUEST, 0);
  }

  /// How often the JVM was asked to collect.
  public static long collections() {
    return Pressure.collections();
  }

  /// How long that took.
  public static long collectionNanos() {
    return Pressure.collectionNanos();
  }

  private static int underPressure(long wantedBytes) {
    // An exception must not cross into C++; without memory for this, nothing could be freed.
    try {
      long before = Reaper.live();
      Pressure.collect(Pressure.Cause.ALLOCATION_FAILURE, wantedBytes);
      return Reaper.live() < before ? 1 : 0;
    } catch (Throwable t) {
      return 0;
    }
  }

  private static void warn(int kind, MemorySegment text) {
    try {
      String message = Memory.getCString(text.address());
      Log.LOGGER.log(System.Logger.Level.WARNING, message);
    } catch (Throwable t) {
      // A failing logger must not take the process down: there is a C++ frame above.
    }
  }
}
