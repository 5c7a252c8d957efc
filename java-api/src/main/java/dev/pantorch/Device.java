package dev.pantorch;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where a tensor is: `cpu`, `cuda:0`, `mps`, `xpu:1`, `meta`. A device is also {@link
/// TensorOptions}: `Torch.zeros(device, 2, 3)`.
///
/// The tutorial's line reads
///
/// ```java
/// Device device = Torch.cuda().isAvailable() ? Device.CUDA : Device.CPU;
/// ```
///
/// [torch.device](https://docs.pytorch.org/docs/2.13/tensor_attributes.html#torch.device)
///
/// @param type its kind
/// @param index which of its kind; -1 for the current one
public record Device(DeviceType type, int index) implements TensorOptions {
  /// The processor.
  public static final Device CPU = new Device(DeviceType.CPU, -1);

  /// The current NVIDIA GPU.
  public static final Device CUDA = new Device(DeviceType.CUDA, -1);

  /// The Apple GPU.
  public static final Device MPS = new Device(DeviceType.MPS, -1);

  /// The current Intel GPU.
  public static final Device XPU = new Device(DeviceType.XPU, -1);

  /// Shapes and dtypes without memory.
  public static final Device META = new Device(DeviceType.META, -1);

  /// Checks the index.
  ///
  /// @param type its kind
  /// @param index which of its kind; -1 for the current one
  /// @throws IllegalArgumentException if the index is below -1, over 127, or not 0 for the CPU
  public Device {
    if (index < -1 || index > 127) {
      throw new IllegalArgumentException(
          "device index %d is out of range; expected 0 to 127, or -1 for the current device"
              .formatted(index));
    }
    if (type == DeviceType.CPU && index > 0) {
      throw new IllegalArgumentException(
          "device index %d does not exist; there is one CPU: use \"cpu\"".formatted(index));
    }
  }

  /// The device of a type and an index.
  ///
  /// @param type its kind
  /// @param index which of its kind; -1 for the current one
  /// @return the device
  public static Device of(DeviceType type, int index) {
    if (index == -1) {
      if (type == DeviceType.CPU) return CPU;
      if (type == DeviceType.META) return META;
    }
    return new Device(type, index);
  }

  /// The device that Python's `torch.device(text)` gives: `"cpu"`, `"cuda"`, `"cuda:1"`.
  ///
  /// @param text type, or type, colon and index
  /// @return the device
  /// @throws IllegalArgumentException if the text names none
  public static Device of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    for (DeviceType type : DeviceType.values()) {
      if (type.torchName().equals(name)) {
        return of(type, colon < 0 ? -1 : parseIndex(text, colon));
      }
    }
    String known =
        Arrays.stream(DeviceType.values())
            .map(DeviceType::torchName)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "'%s' is no device; expected one of %s, with or without an index as in \"cuda:0\""
            .formatted(text, known));
  }

  private static int parseIndex(String text, int colon) {
    String digits = text.substring(colon + 1);
    if (!digits.matches("0|[1-9][0-9]{0,2}")) {
      throw new IllegalArgumentException(
          "'%s' is no device; expected a number behind the colon as in \"cuda:0\"".formatted(text));
    }
    return Integer.parseInt(digits);
  }

  /// An NVIDIA GPU.
  ///
  /// @param index which
  /// @return the device
  public static Device cuda(int index) {
    return new Device(DeviceType.CUDA, index);
  }

  /// Whether this is the processor.
  ///
  /// @return whether it is
  public boolean isCpu() {
    return type == DeviceType.CPU;
  }

  /// Whether this is an NVIDIA GPU.
  ///
  /// @return whether it is
  public boolean isCuda() {
    return type == DeviceType.CUDA;
  }

  @Override
  public @Nullable Device deviceOrNull() {
    return this;
  }

  /// As Python prints it: `cuda:0`.
  @Override
  public String toString() {
    return index < 0 ? type.torchName() : type.torchName() + ":" + index;
  }
}
