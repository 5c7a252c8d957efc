package dev.pantorch.internal;

import dev.pantorch.Accelerator;
import dev.pantorch.AcceleratorMemory;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.DeviceType;
import dev.pantorch.NotImplementedException;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/// Which devices there are. libtorch's own answer to a missing one is a missing kernel.
public final class Devices {
  // Devices do not come and go while a process runs.
  private static final Map<DeviceType, Integer> COUNTS = new ConcurrentHashMap<>();

  private Devices() {}

  /// How many devices of a type can be used.
  public static int count(DeviceType type) {
    NativeRuntime.ensureLoaded();
    return COUNTS.computeIfAbsent(type, t -> pantorch_h.pt_device_count(t.code()));
  }

  /// The kind of this libtorch's accelerator, if it has one that can be used.
  public static @Nullable DeviceType accelerator() {
    NativeRuntime.ensureLoaded();
    int code = pantorch_h.pt_device_accelerator();
    return code < 0 ? null : DeviceType.ofCode(code);
  }

  /// The name that a device's driver gives it; empty where libtorch offers none.
  public static String name(Device device) {
    requireAvailable(device);
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(
          pantorch_h.pt_device_name(device.type().code(), device.index(), f.outSlot()));
      String name = TensorCalls.takeText(f.out());
      return name == null ? "" : name;
    } finally {
      f.exit();
    }
  }

  /// Waits until all work of a device is done.
  public static void synchronize(Device device) {
    requireAvailable(device);
    NativeRuntime.ensureLoaded();
    NativeErrors.check(pantorch_h.pt_device_synchronize(device.type().code(), device.index()));
  }

  /// What the device's caching allocator counts.
  public static AcceleratorMemory memoryStats(Device device) {
    requireAvailable(device);
    CallFrame f = CallFrame.enter();
    try {
      long out = f.allocate(8L * pantorch_h.PT_DEVICE_MEMORY_STATS());
      NativeErrors.check(
          pantorch_h.pt_device_memory_stats(device.type().code(), device.index(), out));
      IntToLongFunction read = index -> Memory.getLong(out + 8L * index);
      return new AcceleratorMemory(
          device.toString(),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_ALLOCATED()),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_PEAK_ALLOCATED()),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_RESERVED()),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_PEAK_RESERVED()),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_ALLOCATIONS()),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_RETRIES()),
          read.applyAsLong(pantorch_h.PT_DEVICE_MEMORY_REFUSED()));
    } finally {
      f.exit();
    }
  }

  /// The memory of the accelerator's devices, as far as libtorch counts it.
  static List<AcceleratorMemory> acceleratorMemory() {
    DeviceType type = accelerator();
    if (type == null) return List.of();
    List<AcceleratorMemory> devices = new ArrayList<>();
    try {
      for (int i = 0; i < count(type); i++) devices.add(memoryStats(Device.of(type, i)));
    } catch (NotImplementedException e) {
      return List.of();
    }
    return devices;
  }

  public static void resetPeakMemoryStats(Device device) {
    requireAvailable(device);
    NativeErrors.check(
        pantorch_h.pt_device_memory_reset_peak(device.type().code(), device.index()));
  }

  public static void emptyCache(Device device) {
    requireAvailable(device);
    NativeErrors.check(pantorch_h.pt_device_memory_empty_cache(device.type().code()));
  }

  public static Accelerator.MemoryInfo memoryInfo(Device device) {
    requireAvailable(device);
    CallFrame f = CallFrame.enter();
    try {
      MemorySegment out = Memory.segment(f.allocate(16), 16);
      NativeErrors.check(
          pantorch_h.pt_device_memory_info(
              device.type().code(), device.index(), out.asSlice(0, 8), out.asSlice(8, 8)));
      return new Accelerator.MemoryInfo(
          Memory.getLong(out.address()), Memory.getLong(out.address() + 8));
    } finally {
      f.exit();
    }
  }

  static void requireAvailable(Device device) {
    DeviceType type = device.type();
    if (type == DeviceType.CPU || type == DeviceType.META) return;
    int count = count(type);
    if (count == 0) {
      throw new DeviceException(
          "device '%s' was asked for, but this libtorch finds no %s device; check with Torch.%s, or use Device.CPU"
              .formatted(device, type.torchName(), availabilityCall(type)));
    }
    if (device.index() >= count) {
      throw new DeviceException(
          "device '%s' was asked for, but there %s; expected an index from 0 to %d"
              .formatted(
                  device, count == 1 ? "is 1 device" : "are " + count + " devices", count - 1));
    }
  }

  private static String availabilityCall(DeviceType type) {
    return switch (type) {
      case CUDA, MPS, XPU -> type.torchName() + "().isAvailable()";
      default -> "accelerator()";
    };
  }
}
