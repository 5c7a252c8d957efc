package dev.pantorch;

/// The kinds of devices that tensors can be on (`c10::DeviceType`).
public enum DeviceType {
  /// The processor.
  CPU(0, "cpu"),
  /// NVIDIA GPUs, and AMD GPUs under ROCm.
  CUDA(1, "cuda"),
  /// oneDNN's own layout.
  MKLDNN(2, "mkldnn"),
  /// HIP, in builds that do not call it CUDA.
  HIP(6, "hip"),
  /// XLA devices.
  XLA(9, "xla"),
  /// Vulkan.
  VULKAN(10, "vulkan"),
  /// Metal, on iOS.
  METAL(11, "metal"),
  /// Intel GPUs.
  XPU(12, "xpu"),
  /// Apple GPUs.
  MPS(13, "mps"),
  /// No memory at all: shapes and dtypes only.
  META(14, "meta"),
  /// Habana.
  HPU(15, "hpu"),
  /// Deferred execution.
  LAZY(17, "lazy"),
  /// Graphcore.
  IPU(18, "ipu"),
  /// Meta's accelerator.
  MTIA(19, "mtia"),
  /// A backend registered by a third party.
  PRIVATEUSE1(20, "privateuseone");

  private final int code;
  private final String torchName;

  DeviceType(int code, String torchName) {
    this.code = code;
    this.torchName = torchName;
  }

  /// libtorch's number for the type.
  ///
  /// @return the number
  public int code() {
    return code;
  }

  /// The name in Python, as `cuda`.
  ///
  /// @return the name
  public String torchName() {
    return torchName;
  }

  /// The type of a number of libtorch's.
  ///
  /// @param code a `c10::DeviceType` value
  /// @return the type
  /// @throws IllegalArgumentException if Pantorch has no name for it
  public static DeviceType ofCode(int code) {
    for (DeviceType type : values()) {
      if (type.code == code) return type;
    }
    throw new IllegalArgumentException("no device type has the code " + code);
  }
}
