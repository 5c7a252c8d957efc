package dev.pantorch;

import dev.pantorch.internal.Devices;

/// The devices of one kind that this libtorch can use: what `torch.cuda`, `torch.mps` and
/// `torch.xpu` are in Python. See {@link Torch#cuda}, {@link Torch#mps}, {@link Torch#xpu} and
/// {@link Torch#accelerator}.
///
/// ```java
/// Device device = Torch.cuda().isAvailable() ? Device.CUDA : Device.CPU;
/// ```
///
/// There is no current device to set, since Java's virtual threads change the native threads that
/// it belongs to: name the device by its index, `Device.cuda(1)`.
///
/// @param type the kind
public record Accelerator(DeviceType type) {
  /// Whether there is one at least.
  ///
  /// @return whether {@link #deviceCount} is greater than 0
  public boolean isAvailable() {
    return deviceCount() > 0;
  }

  /// How many there are.
  ///
  /// @return 0 if there is none, its driver does not work, or libtorch was built without it
  public int deviceCount() {
    return Devices.count(type);
  }

  /// The current device of this kind.
  ///
  /// @return the device without an index
  public Device device() {
    return Device.of(type, -1);
  }

  /// One device of this kind.
  ///
  /// @param index which
  /// @return the device
  public Device device(int index) {
    return Device.of(type, index);
  }

  /// The name of the first device, as its driver gives it.
  ///
  /// @return the name; empty where libtorch offers none
  /// @throws DeviceException if there is no such device
  public String deviceName() {
    return deviceName(0);
  }

  /// A device's name, as its driver gives it.
  ///
  /// @param index which
  /// @return the name; empty where libtorch offers none
  /// @throws DeviceException if there is no such device
  public String deviceName(int index) {
    return Devices.name(device(index));
  }

  /// Waits until all work of the current device is done.
  ///
  /// @throws DeviceException if there is no such device
  public void synchronize() {
    Devices.synchronize(device());
  }

  /// Waits until all work of a device is done.
  ///
  /// @param index which
  /// @throws DeviceException if there is no such device
  public void synchronize(int index) {
    Devices.synchronize(device(index));
  }

  /// What libtorch's caching allocator counts for a device.
  ///
  /// @param index which
  /// @return the figures; zeros before the device was first used
  /// @throws DeviceException if there is no such device
  /// @throws NotImplementedException if libtorch counts nothing for this kind of device
  public AcceleratorMemory memoryStats(int index) {
    return Devices.memoryStats(device(index));
  }

  /// Bytes that tensors hold on a device.
  ///
  /// @param index which
  /// @return bytes
  /// @throws DeviceException if there is no such device
  public long memoryAllocated(int index) {
    return memoryStats(index).allocated();
  }

  /// The most that {@link #memoryAllocated} has been since {@link #resetPeakMemoryStats}.
  ///
  /// @param index which
  /// @return bytes
  /// @throws DeviceException if there is no such device
  public long maxMemoryAllocated(int index) {
    return memoryStats(index).peak();
  }

  /// Bytes of a device held from the driver: allocated, cached, and rounding.
  ///
  /// @param index which
  /// @return bytes
  /// @throws DeviceException if there is no such device
  public long memoryReserved(int index) {
    return memoryStats(index).reserved();
  }

  /// The most that {@link #memoryReserved} has been since {@link #resetPeakMemoryStats}.
  ///
  /// @param index which
  /// @return bytes
  /// @throws DeviceException if there is no such device
  public long maxMemoryReserved(int index) {
    return memoryStats(index).peakReserved();
  }

  /// Makes what is allocated and reserved now the peaks.
  ///
  /// @param index which device
  /// @throws DeviceException if there is no such device
  public void resetPeakMemoryStats(int index) {
    Devices.resetPeakMemoryStats(device(index));
  }

  /// Gives the cached memory of all devices of this kind back to the driver.
  ///
  /// @throws DeviceException if there is no such device
  public void emptyCache() {
    Devices.emptyCache(device());
  }

  /// The memory of a device, whoever uses it.
  ///
  /// @param free bytes that are free
  /// @param total bytes that it has
  public record MemoryInfo(long free, long total) {}

  /// How much memory a device has, and how much of it is free.
  ///
  /// @param index which
  /// @return bytes
  /// @throws DeviceException if there is no such device
  /// @throws NotImplementedException if libtorch cannot say for this kind of device
  public MemoryInfo getMemoryInfo(int index) {
    return Devices.memoryInfo(device(index));
  }

  /// Seeds the random numbers of the current device; nothing happens without one.
  ///
  /// @param seed any 64 bits
  public void manualSeed(long seed) {
    if (isAvailable()) Generator.defaultFor(device()).manualSeed(seed);
  }

  /// Seeds the random numbers of every device of this kind.
  ///
  /// @param seed any 64 bits
  public void manualSeedAll(long seed) {
    for (int i = 0; i < deviceCount(); i++) Generator.defaultFor(device(i)).manualSeed(seed);
  }

  /// The state of a device's random numbers.
  ///
  /// @param index which
  /// @return bytes on the CPU
  /// @throws DeviceException if there is no such device
  public Tensor getRngState(int index) {
    return Generator.defaultFor(device(index)).getState();
  }

  /// Restores the state of a device's random numbers.
  ///
  /// @param state bytes from {@link #getRngState}
  /// @param index which
  /// @throws DeviceException if there is no such device
  public void setRngState(Tensor state, int index) {
    Generator.defaultFor(device(index)).setState(state);
  }
}
