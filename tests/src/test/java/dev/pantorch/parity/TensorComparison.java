package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.testing.TensorBytes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// Compares tensors with what a fixture says of them: dtype, size, strides, layout, requires_grad
/// and every element.
final class TensorComparison {
  private final TensorSpecs specs;

  TensorComparison(TensorSpecs specs) {
    this.specs = specs;
  }

  /// @throws AssertionError naming the first difference
  void check(JsonNode spec, Tensor tensor, Tolerance tolerance, String what) {
    if (spec.path("layout").asText().equals("nested")) {
      checkNested(spec, tensor, tolerance, what);
      return;
    }
    DType dtype = TensorSpecs.dtype(spec.get("dtype").asText());
    require(dtype == tensor.dtype(), what, "dtype", tensor.dtype(), dtype);
    if (spec.has("requiresGrad")) {
      require(tensor.requiresGrad(), what, "requires_grad", false, true);
    }
    if (spec.has("layout")) {
      checkLayout(spec, tensor, tolerance, what);
      return;
    }
    long[] size = Fixtures.longs(spec.get("size"));
    require(Arrays.equals(size, tensor.shape()), what, "size", tensor.shape(), size);
    if (tensor.layout() != Layout.STRIDED) {
      require(spec.has("unspecified"), what, "layout", tensor.layout(), Layout.STRIDED);
      return;
    }
    long[] strides = TensorSpecs.strides(spec, size);
    require(Arrays.equals(strides, tensor.strides()), what, "stride", tensor.strides(), strides);
    if (spec.has("at")) {
      MemorySegment expected = specs.bytes(spec, TensorSpecs.count(size), dtype);
      MemorySegment found = TensorBytes.bytes(tensor);
      checkValues(expected, found, dtype, size, tolerance, what);
    }
    if (spec.has("quantized")) {
      checkQuantization(spec.get("quantized"), tensor, what);
    }
  }

  private void checkQuantization(JsonNode quantized, Tensor tensor, String what) {
    if (quantized.has("scale")) {
      Object scale = TensorSpecs.op("aten::q_scale", tensor);
      Object zeroPoint = TensorSpecs.op("aten::q_zero_point", tensor);
      double expectedScale = quantized.get("scale").asDouble();
      long expectedZero = quantized.get("zeroPoint").asLong();
      require(Double.valueOf(expectedScale).equals(scale), what, "scale", scale, expectedScale);
      require(
          Long.valueOf(expectedZero).equals(zeroPoint),
          what,
          "zero point",
          zeroPoint,
          expectedZero);
      return;
    }
    part(quantized, "scales", "aten::q_per_channel_scales", tensor, Tolerance.NONE, what);
    part(quantized, "zeroPoints", "aten::q_per_channel_zero_points", tensor, Tolerance.NONE, what);
  }

  private void checkLayout(JsonNode spec, Tensor tensor, Tolerance tolerance, String what) {
    Layout layout = TensorSpecs.layout(spec.get("layout").asText());
    require(layout == tensor.layout(), what, "layout", tensor.layout(), layout);
    long[] size = Fixtures.longs(spec.get("size"));
    require(Arrays.equals(size, tensor.shape()), what, "size", tensor.shape(), size);
    switch (layout) {
      case MKLDNN -> part(spec, "values", "aten::to_dense", tensor, tolerance, what);
      case SPARSE -> {
        Object coalesced = TensorSpecs.op("aten::is_coalesced", tensor);
        boolean expected = spec.get("coalesced").asBoolean();
        require(
            Boolean.valueOf(expected).equals(coalesced), what, "coalesced", coalesced, expected);
        part(spec, "indices", "aten::_indices", tensor, tolerance, what);
        part(spec, "values", "aten::_values", tensor, tolerance, what);
      }
      case SPARSE_CSR, SPARSE_BSR ->
          compressed(spec, "aten::crow_indices", "aten::col_indices", tensor, tolerance, what);
      case SPARSE_CSC, SPARSE_BSC ->
          compressed(spec, "aten::ccol_indices", "aten::row_indices", tensor, tolerance, what);
      default -> throw new IllegalArgumentException("layout " + layout);
    }
  }

  private void compressed(
      JsonNode spec,
      String compressed,
      String plain,
      Tensor tensor,
      Tolerance tolerance,
      String what) {
    part(spec, "compressed", compressed, tensor, tolerance, what);
    part(spec, "plain", plain, tensor, tolerance, what);
    part(spec, "values", "aten::values", tensor, tolerance, what);
  }

  private void part(
      JsonNode spec, String key, String op, Tensor tensor, Tolerance tolerance, String what) {
    Tensor part = TensorSpecs.tensorOp(op, tensor);
    check(spec.get(key), part, tolerance, what + ", " + key);
  }

  private void checkNested(JsonNode spec, Tensor tensor, Tolerance tolerance, String what) {
    List<?> parts = (List<?>) TensorSpecs.op("aten::unbind.int", tensor, 0L);
    JsonNode expected = spec.get("parts");
    require(parts.size() == expected.size(), what, "parts", parts.size(), expected.size());
    for (int i = 0; i < parts.size(); i++) {
      check(expected.get(i), (Tensor) parts.get(i), tolerance, what + ", part " + i);
    }
  }

  private static void checkValues(
      MemorySegment expected,
      MemorySegment found,
      DType dtype,
      long[] size,
      Tolerance tolerance,
      String what) {
    if (expected.mismatch(found) < 0) {
      return;
    }
    double[] python = TensorBytes.doubles(expected, dtype);
    double[] java = TensorBytes.doubles(found, dtype);
    double scale = 0;
    for (double value : python) {
      scale = Double.isFinite(value) ? Math.max(scale, Math.abs(value)) : scale;
    }
    boolean rounds = dtype.isFloatingPoint() || dtype.isComplex();
    Tolerance allowed = rounds ? tolerance : Tolerance.NONE;
    for (int i = 0; i < python.length; i++) {
      if (!allowed.accepts(python[i], java[i], scale)) {
        throw new AssertionError(
            "%s: element %d of %s is %s, Python has %s"
                .formatted(what, i, Arrays.toString(size), java[i], python[i]));
      }
    }
    if (!rounds) {
      // Whole numbers that only differ where a double does not see it.
      throw new AssertionError("%s: the bytes of %s differ".formatted(what, Arrays.toString(size)));
    }
  }

  private static void require(
      boolean condition, String what, String property, Object found, Object expected) {
    if (!condition) {
      throw new AssertionError(
          "%s: %s %s, Python %s".formatted(what, property, text(found), text(expected)));
    }
  }

  private static String text(Object value) {
    return value instanceof long[] longs ? Arrays.toString(longs) : String.valueOf(value);
  }
}
