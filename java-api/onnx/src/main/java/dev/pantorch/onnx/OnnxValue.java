package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A tensor in the ONNX graph: an input, a constant, or what a node computes.
///
/// ```java
/// Lowering relu = call -> {
///   OnnxValue x = call.tensor(0);
///   call.result(call.emit("Relu", call.dtype(), call.rank(), x));
/// };
/// ```
public final class OnnxValue {
  private final DType dtype;
  private final int rank;
  private final @Nullable Tensor constant;
  private String name;
  boolean isZero;

  /// Of quantized elements: how they are read.
  StaticLowerings.@Nullable Quantized quantized;

  /// Whether its sizes depend on elements, not only on sizes.
  boolean isDataDependent;

  /// Of the numbers of sequences that have each step: how these are packed.
  PackingLowerings.@Nullable Packing packing;

  /// Of packed elements: the padded ones.
  PackingLowerings.@Nullable Padded padded;

  OnnxValue(String name, DType dtype, int rank, @Nullable Tensor constant) {
    this.name = name;
    this.dtype = dtype;
    this.rank = rank;
    this.constant = constant;
  }

  /// Its name in the graph; that of an output may still change.
  ///
  /// @return the name
  public String name() {
    return name;
  }

  /// The type of its elements.
  ///
  /// @return the dtype
  public DType dtype() {
    return dtype;
  }

  /// How many dimensions it has.
  ///
  /// @return the number of dimensions
  public int rank() {
    return rank;
  }

  /// Its elements, if they depend on no input.
  ///
  /// @return the tensor, which is not to be changed, or null
  public @Nullable Tensor constant() {
    return constant;
  }

  void rename(String newName) {
    name = newName;
  }

  @Override
  public String toString() {
    return name;
  }
}
