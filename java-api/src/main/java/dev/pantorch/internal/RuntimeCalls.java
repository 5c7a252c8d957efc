package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.ffi.generated.pantorch_h;

/// The shim's functions on settings of the whole process.
public final class RuntimeCalls {
  private RuntimeCalls() {}

  public static int numThreads() {
    NativeRuntime.ensureLoaded();
    return pantorch_h.pt_runtime_num_threads();
  }

  public static void setNumThreads(int threads) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(pantorch_h.pt_runtime_set_num_threads(threads));
  }

  public static int numInteropThreads() {
    NativeRuntime.ensureLoaded();
    return pantorch_h.pt_runtime_num_interop_threads();
  }

  public static void setNumInteropThreads(int threads) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(pantorch_h.pt_runtime_set_num_interop_threads(threads));
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
