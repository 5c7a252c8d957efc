package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.TensorOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Options that every layer with parameters has: where these are made, and of what dtype.
///
/// @param <S> the options of the layer, for chaining
public abstract class LayerOptions<S extends LayerOptions<S>> {
  private @Nullable DType dtype;
  private @Nullable Device device;
  private boolean drawn = true;

  LayerOptions() {}

  /// Makes the parameters of a dtype.
  ///
  /// @param dtype a floating or complex dtype; float32 unless set
  /// @return these options
  public S dtype(DType dtype) {
    this.dtype = dtype;
    return self();
  }

  /// Makes the parameters on a device.
  ///
  /// @param device the device; the CPU unless set
  /// @return these options
  public S device(Device device) {
    this.device = device;
    return self();
  }

  /// How another layer makes its parameters.
  final S like(LayerOptions<?> other) {
    dtype = other.dtype;
    device = other.device;
    drawn = other.drawn;
    return self();
  }

  /// Leaves parameters as memory is: for a layer that is given another one's values.
  final S undrawn() {
    drawn = false;
    return self();
  }

  final boolean drawn() {
    return drawn;
  }

  @SuppressWarnings("unchecked") // each subclass passes itself
  final S self() {
    return (S) this;
  }

  final TensorOptions tensors() {
    return new TensorOptions.Full(dtype, device, null, null, false);
  }

  /// As {@link #tensors}, of another dtype.
  final TensorOptions tensors(DType other) {
    return new TensorOptions.Full(other, device, null, null, false);
  }

  static <O> O configure(O options, Consumer<? super O> settings) {
    settings.accept(options);
    return options;
  }
}
