package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;

/// How far a number may be from Python's.
///
/// @param relative of the magnitude of the result's largest element
/// @param absolute regardless of magnitude
record Tolerance(double relative, double absolute) {
  /// To the bit: what every comparison asks for where the environment is that of the fixtures.
  static final Tolerance NONE = new Tolerance(0, 0);

  /// What a sample is compared with: to the bit, unless it says why not or the environment is
  /// another.
  static Tolerance of(JsonNode sample) {
    if (sample.has("tolerance")) {
      return new Tolerance(sample.get("tolerance").get("relative").asDouble(), 0);
    }
    return Environment.CURRENT.isExact() ? NONE : ofDType(sample.path("dtype").asText("float32"));
  }

  /// What another instruction set may change: the order of sums and the last bits of functions.
  private static Tolerance ofDType(String dtype) {
    return switch (dtype.isEmpty() ? DType.FLOAT32 : TensorSpecs.dtype(dtype)) {
      case BFLOAT16 -> new Tolerance(2e-2, 2e-2);
      case FLOAT16 -> new Tolerance(2e-3, 2e-3);
      case FLOAT64, COMPLEX128 -> new Tolerance(1e-9, 1e-9);
      default -> new Tolerance(1e-4, 1e-5);
    };
  }

  boolean isExact() {
    return relative == 0 && absolute == 0;
  }

  /// @param scale the magnitude that the relative part is of
  boolean accepts(double expected, double found, double scale) {
    if (Double.isNaN(expected) || Double.isInfinite(expected) || isExact()) {
      return Double.isNaN(expected)
          ? Double.isNaN(found)
          : Double.doubleToRawLongBits(expected) == Double.doubleToRawLongBits(found);
    }
    return Math.abs(expected - found) <= absolute + relative * Math.abs(scale);
  }
}
