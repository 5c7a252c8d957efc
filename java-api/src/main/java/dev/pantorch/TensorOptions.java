package dev.pantorch;

import org.jspecify.annotations.Nullable;

/// How a new tensor is made: dtype, device, layout, pinned memory, and whether gradients are
/// recorded for it. What is not set takes libtorch's default, or the like of the tensor it is made
/// after.
///
/// ```java
/// TensorOptions options = DType.FLOAT64.on(Device.CPU).requiresGrad(true);
/// Tensor w = Torch.zeros(new long[] {2, 3}, options);
/// ```
///
/// A {@link DType} and a {@link Device} are options by themselves, and `on`, `as` and the rest add
/// to any: `Torch.zeros(DType.FLOAT64.on(device).requiresGrad(true), 2, 3)`.
public sealed interface TensorOptions permits DType, Device, TensorOptions.Full {
  /// All options spelled out.
  ///
  /// @param dtypeOrNull the dtype
  /// @param deviceOrNull the device
  /// @param layoutOrNull the layout
  /// @param pinMemoryOrNull whether the memory is page-locked
  /// @param requiresGrad whether gradients are recorded
  record Full(
      @Nullable DType dtypeOrNull,
      @Nullable Device deviceOrNull,
      @Nullable Layout layoutOrNull,
      @Nullable Boolean pinMemoryOrNull,
      boolean requiresGrad)
      implements TensorOptions {}

  /// Options that set nothing.
  ///
  /// @return the defaults
  static TensorOptions defaults() {
    return new Full(null, null, null, null, false);
  }

  /// The dtype, if set.
  ///
  /// @return the dtype or null
  default @Nullable DType dtypeOrNull() {
    return null;
  }

  /// The device, if set.
  ///
  /// @return the device or null
  default @Nullable Device deviceOrNull() {
    return null;
  }

  /// The layout, if set.
  ///
  /// @return the layout or null
  default @Nullable Layout layoutOrNull() {
    return null;
  }

  /// Whether the memory is page-locked, if set.
  ///
  /// @return the flag or null
  default @Nullable Boolean pinMemoryOrNull() {
    return null;
  }

  /// Whether gradients are recorded for the new tensor.
  ///
  /// @return whether they are
  default boolean requiresGrad() {
    return false;
  }

  /// These options with a dtype.
  ///
  /// @param dtype the dtype
  /// @return new options
  default TensorOptions dtype(DType dtype) {
    return new Full(dtype, deviceOrNull(), layoutOrNull(), pinMemoryOrNull(), requiresGrad());
  }

  /// These options with a device.
  ///
  /// @param device the device
  /// @return new options
  default TensorOptions on(Device device) {
    return new Full(dtypeOrNull(), device, layoutOrNull(), pinMemoryOrNull(), requiresGrad());
  }

  /// These options with a layout.
  ///
  /// @param layout the layout
  /// @return new options
  default TensorOptions layout(Layout layout) {
    return new Full(dtypeOrNull(), deviceOrNull(), layout, pinMemoryOrNull(), requiresGrad());
  }

  /// These options with page-locked memory, from which copies to a GPU are fastest.
  ///
  /// @param pinned whether the memory is page-locked
  /// @return new options
  default TensorOptions pinMemory(boolean pinned) {
    return new Full(dtypeOrNull(), deviceOrNull(), layoutOrNull(), pinned, requiresGrad());
  }

  /// These options with gradients recorded for the new tensor, or not.
  ///
  /// @param requires whether they are
  /// @return new options
  default TensorOptions requiresGrad(boolean requires) {
    return new Full(dtypeOrNull(), deviceOrNull(), layoutOrNull(), pinMemoryOrNull(), requires);
  }
}
