package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// Statically quantized layers, as ONNX has them: the layer of floats between nodes that make
/// floats of bytes and bytes of floats. A runtime computes such groups with bytes.
final class StaticLowerings {
  private StaticLowerings() {}

  /// How bytes are read.
  ///
  /// @param scale what they are multiplied by, without dimensions
  /// @param zero the byte that is 0
  record Quantized(OnnxValue scale, OnnxValue zero) {}

  static void register(Map<String, Lowering> to) {
    // (x, scale, zeroPoint, dtype)
    to.put(
        "aten::quantize_per_tensor",
        call -> {
          OnnxValue scale = call.reshape(call.tensor(1, DType.FLOAT32));
          OnnxValue zero = call.reshape(call.tensor(2, stored(call)));
          call.result(quantize(call, call.tensor(0), new Quantized(scale, zero)));
        });
    to.put("aten::dequantize", call -> call.result(dequantize(call, call.tensor(0))));
    for (boolean relu : new boolean[] {false, true}) {
      String suffix = relu ? "_relu" : "";
      UnaryOperator<String> name = layer -> "quantized::" + layer + suffix;
      for (int n = 1; n <= 3; n++) {
        int dims = n;
        to.put(name.apply("conv" + n + "d"), call -> convolve(call, dims, relu));
      }
      to.put(name.apply("linear"), call -> linear(call, relu));
      // (x, y, scale, zeroPoint) and (x, number)
      to.put(name.apply("add"), call -> combine(call, "Add", relu));
      for (int n = 2; n <= 3; n++) {
        to.put(name.apply("batch_norm" + n + "d"), call -> batchNorm(call, relu));
      }
    }
    to.put("quantized::mul", call -> combine(call, "Mul", false));
    // (tensors, dim, scale, zeroPoint)
    to.put(
        "quantized::cat",
        call -> {
          List<OnnxValue> parts = new ArrayList<>();
          for (OnnxValue part : call.tensors(0)) parts.add(dequantize(call, part));
          int dim = call.dim(1, parts.getFirst().rank());
          call.result(quantize(call, call.concat(dim, parts), given(call, 2)));
        });
    // (x, slope, inPlace, scale, zeroPoint)
    to.put(
        "quantized::leaky_relu",
        call -> apply(call, "LeakyRelu", Map.of("alpha", call.real(1)), 3));
    to.put("quantized::hardswish", call -> apply(call, "HardSwish", Map.of(), 1));
    // (x, scale, zeroPoint, alpha, ...)
    to.put(
        "quantized::elu",
        call -> {
          if (call.real(4) != 1 || call.real(5) != 1) throw call.refuse("a scale other than 1");
          apply(call, "Elu", Map.of("alpha", call.real(3)), 1);
        });
    // (x, shape, weight, bias, eps, scale, zeroPoint)
    to.put("quantized::layer_norm", StaticLowerings::layerNorm);
  }

  private static DType stored(OperatorCall call) {
    return switch (call.quantizedType()) {
      case QUINT8 -> DType.UINT8;
      case QINT8 -> DType.INT8;
      default -> throw call.refuse(call.quantizedType() + " as quantized elements");
    };
  }

  /// The scale and the zero point that are given as numbers.
  private static Quantized given(OperatorCall call, int at) {
    return new Quantized(
        call.scalar(DType.FLOAT32, call.real(at)), call.scalar(stored(call), call.integer(at + 1)));
  }

  static OnnxValue quantize(OperatorCall call, OnnxValue x, Quantized by) {
    OnnxValue bytes = call.emit("QuantizeLinear", by.zero.dtype(), x.rank(), x, by.scale, by.zero);
    bytes.quantized = by;
    return bytes;
  }

  static OnnxValue dequantize(OperatorCall call, OnnxValue x) {
    Quantized by = x.quantized;
    if (by == null) return x;
    return call.emit("DequantizeLinear", DType.FLOAT32, x.rank(), x, by.scale, by.zero);
  }

  /// How the result of an operator that keeps quantized elements as they are is read.
  static Quantized like(OperatorCall call, OnnxValue x) {
    Quantized same = Objects.requireNonNull(x.quantized);
    DType dtype = same.zero.dtype();
    return switch (call.kind()) {
      case "aten::sigmoid", "aten::hardsigmoid" ->
          new Quantized(
              call.scalar(DType.FLOAT32, 1.0 / 256),
              call.scalar(dtype, dtype == DType.INT8 ? -128L : 0L));
      case "aten::tanh" ->
          new Quantized(
              call.scalar(DType.FLOAT32, 2.0 / 256),
              call.scalar(dtype, dtype == DType.INT8 ? 0L : 128L));
      default -> same;
    };
  }

  private static OnnxValue activated(OperatorCall call, OnnxValue x, boolean relu) {
    return relu ? call.op("Relu", x) : x;
  }

  private static void apply(
      OperatorCall call, String operator, Map<String, Object> attributes, int at) {
    OnnxValue x = dequantize(call, call.tensor(0));
    call.result(quantize(call, call.op(operator, attributes, x), given(call, at)));
  }

  private static void combine(OperatorCall call, String operator, boolean relu) {
    if (call.size() < 4) throw call.refuse("a number; give a scale with a FloatFunctional");
    OnnxValue x = dequantize(call, call.tensor(0));
    OnnxValue y = dequantize(call, call.tensor(1));
    call.result(quantize(call, activated(call, call.op(operator, x, y), relu), given(call, 2)));
  }

  /// A bias as whole numbers, by the scales of the input and of the weight, as kernels add it.
  private static OnnxValue bias(OperatorCall call, QuantizedWeight weight, Tensor bias) {
    Tensor scale = Objects.requireNonNull(call.tensor(0).quantized).scale.constant();
    Tensor scales = weight.scales();
    if (scale == null || scales == null) return call.constant("bias", bias);
    Tensor both = scales.mul(scale);
    OnnxValue whole = call.constant("bias", bias.div(both).round().to(DType.INT32));
    return QuantizedWeight.dequantized(call, whole, both, 0);
  }

  /// `(x, packed, scale, zeroPoint)`.
  private static void convolve(OperatorCall call, int dims, boolean relu) {
    QuantizedWeight.Packed packed = call.packed(1);
    QuantizedWeight weight = packed.unpacked("conv" + dims + "d_unpack");
    // Of one dimension, what is packed has two, of which the last is meant.
    String kind = "conv" + Math.max(dims, 2) + "d";
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("strides", last(packed.numbers(kind + "_stride"), dims));
    List<Long> padding = last(packed.numbers(kind + "_padding"), dims);
    List<Long> pads = new ArrayList<>(padding);
    pads.addAll(padding);
    attributes.put("pads", pads);
    attributes.put("dilations", last(packed.numbers(kind + "_dilation"), dims));
    attributes.put("group", packed.numbers(kind + "_groups").getFirst());
    List<OnnxValue> inputs = new ArrayList<>();
    OnnxValue x = dequantize(call, call.tensor(0));
    inputs.add(x);
    inputs.add(weight.floats(call, "weight"));
    Tensor bias = weight.bias();
    if (bias != null) inputs.add(bias(call, weight, bias));
    OnnxValue result = call.emit("Conv", DType.FLOAT32, x.rank(), attributes, inputs);
    call.result(quantize(call, activated(call, result, relu), given(call, 2)));
  }

  private static List<Long> last(List<Long> numbers, int dims) {
    return numbers.subList(numbers.size() - dims, numbers.size());
  }

  /// `(x, packed, scale, zeroPoint)`.
  private static void linear(OperatorCall call, boolean relu) {
    QuantizedWeight weight = call.packed(1).unpacked("linear_unpack");
    OnnxValue x = dequantize(call, call.tensor(0));
    OnnxValue matrix = weight.floats(call, "weight");
    Tensor bias = weight.bias();
    OnnxValue result;
    if (x.rank() == 2) {
      List<OnnxValue> inputs = new ArrayList<>(List.of(x, matrix));
      if (bias != null) inputs.add(bias(call, weight, bias));
      result = call.emit("Gemm", DType.FLOAT32, 2, Map.of("transB", 1), inputs);
    } else {
      result = call.op("MatMul", x, call.swap(matrix, 0, 1));
      if (bias != null) result = call.op("Add", result, call.constant("bias", bias));
    }
    call.result(quantize(call, activated(call, result, relu), given(call, 2)));
  }

  /// `(x, weight, bias, mean, variance, eps, scale, zeroPoint)`.
  private static void batchNorm(OperatorCall call, boolean relu) {
    OnnxValue x = dequantize(call, call.tensor(0));
    OnnxValue mean = call.tensor(3);
    long[] shape = Objects.requireNonNull(mean.constant()).shape();
    OnnxValue weight = call.isNone(1) ? call.constant("ones", Torch.ones(shape)) : call.tensor(1);
    OnnxValue bias = call.isNone(2) ? call.constant("zeros", Torch.zeros(shape)) : call.tensor(2);
    OnnxValue result =
        call.op(
            "BatchNormalization",
            Map.of("epsilon", call.real(5)),
            x,
            weight,
            bias,
            mean,
            call.tensor(4));
    call.result(quantize(call, activated(call, result, relu), given(call, 6)));
  }

  private static void layerNorm(OperatorCall call) {
    OnnxValue x = dequantize(call, call.tensor(0));
    long[] sizes = call.integers(1).stream().mapToLong(Long::longValue).toArray();
    List<OnnxValue> inputs = new ArrayList<>(List.of(x));
    inputs.add(call.isNone(2) ? call.constant("ones", Torch.ones(sizes)) : call.tensor(2));
    if (!call.isNone(3)) inputs.add(call.tensor(3));
    Map<String, Object> attributes = Map.of("axis", -sizes.length, "epsilon", call.real(4));
    OnnxValue result = call.emit("LayerNormalization", DType.FLOAT32, x.rank(), attributes, inputs);
    call.result(quantize(call, result, given(call, 5)));
  }
}
