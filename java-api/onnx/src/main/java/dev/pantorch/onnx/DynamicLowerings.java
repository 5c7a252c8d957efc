package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Dynamically quantized layers: activations become bytes by the range that they have in a call,
/// and are multiplied as bytes.
final class DynamicLowerings {
  private static final double MOST = 127;

  private DynamicLowerings() {}

  /// What a recurrent cell makes of the products of its input and of its states.
  private interface Cell {
    OnnxValue next(OperatorCall call, OnnxValue ofInput, OnnxValue ofState, OnnxValue state);
  }

  static void register(Map<String, Lowering> to) {
    // (x, packed, reduceRange)
    to.put("quantized::linear_dynamic", call -> call.result(linear(call, call.tensor(0), 1)));
    to.put("quantized::linear_dynamic_fp16", call -> call.result(linear(call, call.tensor(0), 1)));
    to.put("quantized::quantized_lstm_cell_dynamic", DynamicLowerings::lstmCell);
    to.put("quantized::quantized_gru_cell_dynamic", call -> cell(call, DynamicLowerings::gru));
    to.put(
        "quantized::quantized_rnn_tanh_cell_dynamic",
        call -> cell(call, (c, x, h, state) -> c.op("Tanh", c.op("Add", x, h))));
    to.put(
        "quantized::quantized_rnn_relu_cell_dynamic",
        call -> cell(call, (c, x, h, state) -> c.op("Relu", c.op("Add", x, h))));
  }

  private static OnnxValue linear(OperatorCall call, OnnxValue x, int packedAt) {
    QuantizedWeight.Packed packed = call.packed(packedAt);
    if (call.kind().endsWith("fp16")) {
      return linear(call, x, packed.unpacked("linear_unpack_fp16"));
    }
    QuantizedWeight weight = packed.unpacked("linear_unpack");
    return linear(call, x, weight);
  }

  private static OnnxValue linear(OperatorCall call, OnnxValue x, QuantizedWeight weight) {
    OnnxValue product =
        weight.isHalf()
            ? call.op("MatMul", x, weight.turned().floats(call, "weight"))
            : product(call, x, weight);
    if (weight.bias() == null) return product;
    return call.op("Add", product, call.constant("bias", weight.bias()));
  }

  /// The product of bytes, times both scales.
  ///
  /// Activations become bytes as in PyTorch, in half of the bytes' range: on processors without
  /// instructions for bytes the kernels add two products in 16 bits, which the whole range would
  /// overflow.
  private static OnnxValue product(OperatorCall call, OnnxValue x, QuantizedWeight weight) {
    OnnxValue none = call.number(x, 0);
    OnnxValue least = call.op("Min", call.reduce("ReduceMin", x, List.of(), false), none);
    OnnxValue most = call.op("Max", call.reduce("ReduceMax", x, List.of(), false), none);
    OnnxValue step = call.op("Div", call.op("Sub", most, least), call.number(x, MOST));
    // Where all is 0, any scale will do.
    OnnxValue scale = call.op("Max", step, call.number(x, Float.MIN_NORMAL));
    OnnxValue zero =
        call.cast(call.op("Round", call.op("Div", call.op("Neg", least), scale)), DType.UINT8);
    OnnxValue bytes = call.emit("QuantizeLinear", DType.UINT8, x.rank(), x, scale, zero);
    OnnxValue matrix = call.constant("weight", weight.turned().stored());
    OnnxValue sum = call.emit("MatMulInteger", DType.INT32, x.rank(), bytes, matrix, zero);
    OnnxValue ofWeight = call.constant("scale", Objects.requireNonNull(weight.scales()));
    return call.op("Mul", call.cast(sum, DType.FLOAT32), call.op("Mul", ofWeight, scale));
  }

  /// `(x, state, weightOfInput, weightOfState, biases ...)`; the packed weights have their biases.
  private static void cell(OperatorCall call, Cell cell) {
    OnnxValue state = call.tensor(1);
    OnnxValue ofInput = linear(call, call.tensor(0), 2);
    call.result(cell.next(call, ofInput, linear(call, state, 3), state));
  }

  private static OnnxValue gru(
      OperatorCall call, OnnxValue ofInput, OnnxValue ofState, OnnxValue state) {
    List<OnnxValue> x = gates(call, ofInput, 3);
    List<OnnxValue> h = gates(call, ofState, 3);
    OnnxValue reset = call.op("Sigmoid", call.op("Add", x.get(0), h.get(0)));
    OnnxValue update = call.op("Sigmoid", call.op("Add", x.get(1), h.get(1)));
    OnnxValue next = call.op("Tanh", call.op("Add", x.get(2), call.op("Mul", reset, h.get(2))));
    return call.op("Add", call.op("Mul", call.op("Sub", state, next), update), next);
  }

  private static void lstmCell(OperatorCall call) {
    List<OnnxValue> states = call.tensors(1);
    OnnxValue sum = call.op("Add", linear(call, call.tensor(0), 2), linear(call, states.get(0), 3));
    List<OnnxValue> gates = gates(call, sum, 4);
    OnnxValue in = call.op("Sigmoid", gates.get(0));
    OnnxValue forget = call.op("Sigmoid", gates.get(1));
    OnnxValue cell =
        call.op(
            "Add",
            call.op("Mul", forget, states.get(1)),
            call.op("Mul", in, call.op("Tanh", gates.get(2))));
    OnnxValue out = call.op("Sigmoid", gates.get(3));
    call.result(call.op("Mul", out, call.op("Tanh", cell)), cell);
  }

  private static List<OnnxValue> gates(OperatorCall call, OnnxValue x, int count) {
    int axis = x.rank() - 1;
    long size = call.resultSize(0, axis);
    long[] sizes = new long[count];
    Arrays.fill(sizes, size);
    return call.split(x, count, Map.of("axis", axis), call.ints(sizes));
  }
}
