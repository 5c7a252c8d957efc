package dev.pantorch.internal;

import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.ToLongFunction;

/// The shim's functions on random number generators.
public final class GeneratorCalls {
  private GeneratorCalls() {}

  public static void manualSeed(long seed) {
    NativeRuntime.ensureLoaded();
    NativeErrors.check(pantorch_h.pt_random_manual_seed(seed));
  }

  public static long create(Device device) {
    Devices.requireAvailable(device);
    return withOut(
        out -> pantorch_h.pt_generator_create(device.type().code(), device.index(), out));
  }

  public static long defaultFor(Device device) {
    Devices.requireAvailable(device);
    return withOut(
        out -> pantorch_h.pt_generator_default(device.type().code(), device.index(), out));
  }

  public static void setSeed(long handle, long seed) {
    NativeErrors.check(pantorch_h.pt_generator_set_seed(handle, seed));
  }

  public static long seed(long handle) {
    return withOut(out -> pantorch_h.pt_generator_seed(handle, out));
  }

  public static long initialSeed(long handle) {
    return withOut(out -> pantorch_h.pt_generator_initial_seed(handle, out));
  }

  public static Tensor state(long handle) {
    return CallContext.current().adopt(withOut(out -> pantorch_h.pt_generator_state(handle, out)));
  }

  public static void setState(long handle, Tensor state) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(pantorch_h.pt_generator_set_state(handle, f.acquire(state)));
    } finally {
      f.exit();
    }
  }

  public static Device device(long handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment type = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment index = arena.allocate(ValueLayout.JAVA_INT);
      NativeErrors.check(pantorch_h.pt_generator_device(handle, type, index));
      return Device.of(
          DeviceType.ofCode(type.get(ValueLayout.JAVA_INT, 0)), index.get(ValueLayout.JAVA_INT, 0));
    }
  }

  private static long withOut(ToLongFunction<MemorySegment> call) {
    NativeRuntime.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      NativeErrors.check(call.applyAsLong(out));
      return out.get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
