package dev.pantorch.jit;

import dev.pantorch.DType;
import dev.pantorch.Device;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The type of a {@link Value}. A trace knows what tensors it saw; a loaded script mostly does not.
///
/// ```java
/// ValueType type = traced.graph().inputs().getLast().type();
/// if (type.isTensor()) System.out.println(type.dtype() + " " + type.sizes());
/// ```
///
/// @param text the type as libtorch prints it: `Float(2, 3, strides=[3, 1], ...)`, `int[]`
/// @param kind its kind: `TensorType`, `ListType`, `IntType`, `ClassType`, ...
/// @param dtype a tensor's dtype, null where unknown
/// @param sizes a tensor's sizes, null where not even their number is known; a null in it is an
///   unknown size
/// @param strides a tensor's strides, likewise
/// @param device a tensor's device, null where unknown
/// @param requiresGrad whether gradients are recorded for a tensor, null where unknown
public record ValueType(
    String text,
    String kind,
    @Nullable DType dtype,
    @Nullable List<@Nullable Long> sizes,
    @Nullable List<@Nullable Long> strides,
    @Nullable Device device,
    @Nullable Boolean requiresGrad) {
  /// Whether values of this type are tensors.
  ///
  /// @return whether they are
  public boolean isTensor() {
    return kind.equals("TensorType");
  }

  @Override
  public String toString() {
    return text;
  }
}
