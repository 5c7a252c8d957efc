package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ffi.CMath;
import org.jspecify.annotations.Nullable;

/// A number as Python's optimizers compute with it: a float of Python's, or a tensor of one
/// element, whose sums and products are rounded to its dtype. Arithmetic on doubles that is rounded
/// once to a narrower type gives the bits of arithmetic in that type.
///
/// @param value the number
/// @param dtype that of the tensor; null for a float of Python's
record Scalar(double value, @Nullable DType dtype) {
  static Scalar of(double value) {
    return new Scalar(value, null);
  }

  static Scalar of(Tensor tensor) {
    return new Scalar(tensor.item(), tensor.dtype());
  }

  boolean isTensor() {
    return dtype != null;
  }

  private static double round(double value, @Nullable DType dtype) {
    return dtype == DType.FLOAT32 ? (float) value : value;
  }

  private @Nullable DType common(Scalar other) {
    if (dtype == null) return other.dtype;
    return other.dtype == DType.FLOAT64 ? other.dtype : dtype;
  }

  private double as(@Nullable DType type) {
    return round(value, type);
  }

  private static Scalar rounded(double value, @Nullable DType dtype) {
    return new Scalar(round(value, dtype), dtype);
  }

  Scalar plus(Scalar other) {
    DType type = common(other);
    return rounded(as(type) + other.as(type), type);
  }

  Scalar minus(Scalar other) {
    DType type = common(other);
    return rounded(as(type) - other.as(type), type);
  }

  Scalar times(Scalar other) {
    DType type = common(other);
    return rounded(as(type) * other.as(type), type);
  }

  Scalar times(double other) {
    return times(of(other));
  }

  Scalar dividedBy(Scalar other) {
    // Python's float / tensor is a reciprocal and a product.
    if (dtype == null && other.dtype != null) return other.reciprocal().times(this);
    DType type = common(other);
    return rounded(as(type) / other.as(type), type);
  }

  Scalar dividedBy(double other) {
    return dividedBy(of(other));
  }

  private Scalar reciprocal() {
    return rounded(1 / value, dtype);
  }

  /// By libtorch where Python asks it, whose roots may differ from the exact one in the last place.
  Scalar sqrt() {
    return dtype == null ? of(Math.sqrt(value)) : of(tensor(dtype).sqrt());
  }

  Scalar power(double exponent) {
    return dtype == null ? of(CMath.pow(value, exponent)) : of(tensor(dtype).pow(exponent));
  }

  private Tensor tensor(DType type) {
    return Torch.full(new long[0], value, type);
  }

  Scalar abs() {
    return new Scalar(Math.abs(value), dtype);
  }

  Scalar negated() {
    return new Scalar(-value, dtype);
  }

  boolean isLess(Scalar other) {
    DType type = common(other);
    return as(type) < other.as(type);
  }

  boolean isAtMost(Scalar other) {
    DType type = common(other);
    return as(type) <= other.as(type);
  }

  /// Python's `min(a, b)`, which keeps the first of equals.
  static Scalar min(Scalar a, Scalar b) {
    return b.isLess(a) ? b : a;
  }

  /// Python's `max(a, b)`, which keeps the first of equals.
  static Scalar max(Scalar a, Scalar b) {
    return a.isLess(b) ? b : a;
  }
}
