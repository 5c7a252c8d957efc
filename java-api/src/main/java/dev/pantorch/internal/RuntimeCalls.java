package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// The shim's functions on settings of the whole process.
public final class RuntimeCalls {
  private RuntimeCalls() {}

  public static int numThreads() {
    NativeRuntime.ensureLoaded();
    return pantorch_h.pt_runtime_num_threads();
  }

  public static void setNumThreads(int threads) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(
        pantorch_h.pt_runtime_set_num_threads(pantorch_h.PT_THREADS_INTRAOP(), threads));
  }

  public static int numInteropThreads() {
    NativeRuntime.ensureLoaded();
    return pantorch_h.pt_runtime_num_interop_threads();
  }

  public static void setNumInteropThreads(int threads) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(
        pantorch_h.pt_runtime_set_num_threads(pantorch_h.PT_THREADS_INTEROP(), threads));
  }

  public static DType defaultDtype() {
    NativeRuntime.ensureLoaded();
    return DType.ofCode(pantorch_h.pt_runtime_default_dtype());
  }

  public static void setDefaultDtype(DType dtype) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(pantorch_h.pt_runtime_set_default_dtype(dtype.code()));
  }

  public static boolean deterministic() {
    NativeRuntime.ensureLoaded();
    return pantorch_h.pt_runtime_deterministic() != 0;
  }

  public static void setDeterministic(boolean enabled, boolean warnOnly) {
    NativeRuntime.ensureLoaded();
    pantorch_h.pt_runtime_set_deterministic(enabled ? 1 : 0, warnOnly ? 1 : 0);
  }

  /// libtorch's numbers of the engines that this build has for quantized operators.
  public static List<Integer> quantizedEngines() {
    NativeRuntime.ensureLoaded();
    int most = 16;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment engines = arena.allocate(ValueLayout.JAVA_INT, most);
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      NativeErrors.check(pantorch_h.pt_runtime_quantized_engines(engines, most, count));
      return IntStream.range(0, Math.min(most, count.get(ValueLayout.JAVA_INT, 0)))
          .map(i -> engines.getAtIndex(ValueLayout.JAVA_INT, i))
          .boxed()
          .toList();
    }
  }

  public static int quantizedEngine() {
    NativeRuntime.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment engine = arena.allocate(ValueLayout.JAVA_INT);
      NativeErrors.check(pantorch_h.pt_runtime_quantized_engine(engine));
      return engine.get(ValueLayout.JAVA_INT, 0);
    }
  }

  public static void setQuantizedEngine(int engine) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(pantorch_h.pt_runtime_set_quantized_engine(engine));
  }

  /// What the processor can: `avx2`, `avx512_vnni` and the like.
  public static Set<String> cpuCapabilities() {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_runtime_cpu_capabilities(f.outSlot()));
      return Set.of(String.valueOf(TensorCalls.takeText(f.out())).strip().split(" "));
    } finally {
      f.exit();
    }
  }

  /// The dtype that autocast converts to unless told otherwise.
  public static DType autocastDtype(DeviceType type) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_runtime_autocast_dtype(type.code(), f.outSlot()));
      return DType.ofCode((int) f.out());
    } finally {
      f.exit();
    }
  }

  public static void clearAutocastCache() {
    NativeErrors.check(pantorch_h.pt_runtime_clear_autocast_cache());
  }
}
