package dev.pantorch.internal;

import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.DeviceType;
import dev.pantorch.ffi.generated.pantorch_h;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
