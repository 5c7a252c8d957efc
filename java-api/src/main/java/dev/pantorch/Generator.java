package dev.pantorch;

import dev.pantorch.internal.GeneratorCalls;
import dev.pantorch.internal.NativeGenerator;

/// A source of random numbers with a state of its own. With one seed it gives the very bits that
/// Python's `torch.Generator` gives on the same device.
///
/// ```java
/// Generator generator = new Generator().manualSeed(42);
/// Tensor state = generator.getState();
/// Tensor mask = Torch.bernoulli(probabilities, generator);
/// Tensor same = Torch.bernoulli(probabilities, generator.setState(state));
/// ```
///
/// Safe for use by several threads; which thread gets which numbers is then up to chance.
///
/// [torch.Generator](https://docs.pytorch.org/docs/2.13/generated/torch.Generator.html)
@SuppressWarnings("exports") // the superclass is internal on purpose
public final class Generator extends NativeGenerator {
  private Generator(long handle) {
    super(handle);
  }

  /// A new generator for the CPU, with libtorch's default seed 67280421310721.
  public Generator() {
    this(Device.CPU);
  }

  /// A new generator for a device.
  ///
  /// @param device where its numbers are drawn
  public Generator(Device device) {
    this(GeneratorCalls.create(device));
  }

  /// The generator that a device's operators use when none is given.
  ///
  /// @param device a device
  /// @return the shared generator
  public static Generator defaultFor(Device device) {
    return new Generator(GeneratorCalls.defaultFor(device));
  }

  /// Sets the seed and with it the whole state.
  ///
  /// @param seed any 64 bits
  /// @return this generator
  public Generator manualSeed(long seed) {
    use(handle -> GeneratorCalls.setSeed(handle, seed));
    return this;
  }

  /// Draws a seed that cannot be foretold, and sets it.
  ///
  /// @return the seed
  public long seed() {
    return get(GeneratorCalls::seed);
  }

  /// The seed last set.
  ///
  /// @return the seed
  public long initialSeed() {
    return get(GeneratorCalls::initialSeed);
  }

  /// The whole state, to be restored by {@link #setState}.
  ///
  /// @return bytes on the CPU
  public Tensor getState() {
    return get(GeneratorCalls::state);
  }

  /// Restores a state.
  ///
  /// @param state bytes from {@link #getState}, of Python's generator too
  /// @return this generator
  /// @throws TorchException if the bytes are no state
  public Generator setState(Tensor state) {
    use(handle -> GeneratorCalls.setState(handle, state));
    return this;
  }

  /// Where its numbers are drawn.
  ///
  /// @return the device
  public Device device() {
    return get(GeneratorCalls::device);
  }
}
