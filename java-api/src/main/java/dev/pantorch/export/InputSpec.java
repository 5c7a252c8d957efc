package dev.pantorch.export;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a compiled model takes as one of its inputs.
///
/// ```java
/// for (InputSpec input : compiled.inputs()) {
///   System.out.println(input); // float32 [2..64, 3] on cpu
/// }
/// ```
///
/// @param dtype its dtype
/// @param device the kind of its device
/// @param shape its sizes
/// @param strides its strides, null for those that follow from sizes that vary
public record InputSpec(
    DType dtype, DeviceType device, List<Size> shape, List<@Nullable Long> strides) {
  /// Copies the lists.
  ///
  /// @param dtype its dtype
  /// @param device the kind of its device
  /// @param shape its sizes
  /// @param strides its strides, null for those that follow from sizes that vary
  public InputSpec(DType dtype, DeviceType device, List<Size> shape, List<@Nullable Long> strides) {
    this.dtype = dtype;
    this.device = device;
    this.shape = List.copyOf(shape);
    this.strides = Collections.unmodifiableList(new ArrayList<>(strides));
  }

  /// The sizes that one dimension may have.
  ///
  /// @param min the smallest
  /// @param max the largest, `Long.MAX_VALUE` where there is no limit
  public record Size(long min, long max) {
    boolean has(long size) {
      return min <= size && size <= max;
    }

    @Override
    public String toString() {
      if (min == max) return Long.toString(min);
      return max == Long.MAX_VALUE ? min + ".." : min + ".." + max;
    }
  }

  String shapeText() {
    return shape.stream().map(Size::toString).collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public String toString() {
    return "%s %s on %s".formatted(dtype.torchName(), shapeText(), device.torchName());
  }
}
