package dev.pantorch;

import dev.pantorch.internal.Devices;
import dev.pantorch.internal.RuntimeCalls;
import java.util.Optional;

/// The part of {@link Torch} that concerns the whole process: devices, threads, random numbers and
/// other settings.
abstract class TorchSettings extends TensorFactories {
  TorchSettings() {}

  // Devices.

  /// NVIDIA's GPUs (AMD's under ROCm), `torch.cuda`.
  ///
  /// @return those that this libtorch can use, if any
  public static Accelerator cuda() {
    return new Accelerator(DeviceType.CUDA);
  }

  /// Apple's GPU, `torch.mps`.
  ///
  /// @return the one that this libtorch can use, if any
  public static Accelerator mps() {
    return new Accelerator(DeviceType.MPS);
  }

  /// Intel's GPUs, `torch.xpu`.
  ///
  /// @return those that this libtorch can use, if any
  public static Accelerator xpu() {
    return new Accelerator(DeviceType.XPU);
  }

  /// Whatever accelerator this libtorch can use, `torch.accelerator`:
  ///
  /// ```java
  /// Device device = Torch.accelerator().map(Accelerator::device).orElse(Device.CPU);
  /// ```
  ///
  /// @return the accelerator, or nothing on a machine without
  public static Optional<Accelerator> accelerator() {
    return Optional.ofNullable(Devices.accelerator()).map(Accelerator::new);
  }

  // Random numbers.

  /// The seed that the CPU's random numbers were last given.
  ///
  /// @return the seed
  public static long initialSeed() {
    return Generator.defaultFor(Device.CPU).initialSeed();
  }

  /// Seeds all devices with a number that cannot be foretold.
  ///
  /// @return the seed
  public static long seed() {
    long seed = Generator.defaultFor(Device.CPU).seed();
    Torch.manualSeed(seed);
    return seed;
  }

  /// The state of the CPU's random numbers.
  ///
  /// @return bytes, which {@link #setRngState} and Python's `torch.set_rng_state` take
  public static Tensor getRngState() {
    return Generator.defaultFor(Device.CPU).getState();
  }

  /// Restores the state of the CPU's random numbers.
  ///
  /// @param state bytes from {@link #getRngState}, or from Python
  /// @throws TorchException if the bytes are no state
  public static void setRngState(Tensor state) {
    Generator.defaultFor(Device.CPU).setState(state);
  }

  // Threads.

  /// How many threads one operator may use on the CPU.
  ///
  /// @return the number
  public static int getNumThreads() {
    return RuntimeCalls.numThreads();
  }

  /// Sets how many threads one operator may use on the CPU, whichever thread of Java calls it. (In
  /// Python kernels of oneDNN and MKL may not hear of it in threads that have not set it.)
  ///
  /// @param threads the number, greater than 0
  /// @throws IllegalArgumentException if it is not
  public static void setNumThreads(int threads) {
    checkThreads(threads);
    RuntimeCalls.setNumThreads(threads);
  }

  /// How many threads work on independent operators, in TorchScript for instance.
  ///
  /// @return the number
  public static int getNumInteropThreads() {
    return RuntimeCalls.numInteropThreads();
  }

  /// Sets how many threads work on independent operators; once, before they are first used.
  ///
  /// @param threads the number, greater than 0
  /// @throws IllegalArgumentException if it is not
  /// @throws TorchException if it was set or used before
  public static void setNumInteropThreads(int threads) {
    checkThreads(threads);
    RuntimeCalls.setNumInteropThreads(threads);
  }

  private static void checkThreads(int threads) {
    if (threads <= 0) {
      throw new IllegalArgumentException(
          "%d threads cannot compute; expected a number greater than 0".formatted(threads));
    }
  }

  // Other settings.

  /// The dtype of floating-point tensors that are made without one.
  ///
  /// @return {@link DType#FLOAT32} unless it was changed
  public static DType getDefaultDtype() {
    return RuntimeCalls.defaultDtype();
  }

  /// Sets the dtype of floating-point tensors that are made without one. Java's own data keep
  /// theirs: see {@link Torch#tensor(float...)}.
  ///
  /// @param dtype a floating-point dtype
  /// @throws TypeException if it is none
  public static void setDefaultDtype(DType dtype) {
    RuntimeCalls.setDefaultDtype(dtype);
  }

  /// Whether only algorithms are used that give the same bits each time.
  ///
  /// @return whether that is so
  public static boolean areDeterministicAlgorithmsEnabled() {
    return RuntimeCalls.deterministic();
  }

  /// Sets whether only algorithms are used that give the same bits each time. Operators that have
  /// none throw.
  ///
  /// @param enabled whether that is so
  public static void useDeterministicAlgorithms(boolean enabled) {
    useDeterministicAlgorithms(enabled, false);
  }

  /// The same, with the choice of warning only.
  ///
  /// @param enabled whether that is so
  /// @param warnOnly whether operators that have no such algorithm warn instead of throwing
  public static void useDeterministicAlgorithms(boolean enabled, boolean warnOnly) {
    RuntimeCalls.setDeterministic(enabled, warnOnly);
  }

  /// How tensors are printed.
  ///
  /// @return the options
  public static PrintOptions getPrintOptions() {
    return PrintOptions.current();
  }

  /// Sets how tensors are printed, in all threads.
  ///
  /// @param options the options, as `PrintOptions.DEFAULT.precision(8)`
  public static void setPrintOptions(PrintOptions options) {
    PrintOptions.use(options);
  }
}
