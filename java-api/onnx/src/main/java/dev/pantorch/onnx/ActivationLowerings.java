package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.List;
import java.util.Map;

/// Activations.
final class ActivationLowerings {
  private static final int GELU_SINCE = 20;
  private static final double SOFTPLUS_THRESHOLD = 20;
  private static final double TANH_CUBE = 0.044715;

  private ActivationLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::relu", call -> call.result(unary(call, "Relu", Map.of())));
    to.put("aten::sigmoid", call -> call.result(unary(call, "Sigmoid", Map.of())));
    to.put("aten::hardswish", call -> call.result(unary(call, "HardSwish", Map.of())));
    to.put("aten::selu", call -> call.result(unary(call, "Selu", Map.of())));
    to.put(
        "aten::hardsigmoid",
        call -> call.result(unary(call, "HardSigmoid", Map.of("alpha", 1.0 / 6, "beta", 0.5))));
    to.put(
        "aten::leaky_relu",
        call -> call.result(unary(call, "LeakyRelu", Map.of("alpha", call.real(1)))));
    to.put(
        "aten::elu",
        call -> {
          if (call.isNone(2) || (call.real(2) == 1 && call.real(3) == 1)) {
            call.result(unary(call, "Elu", Map.of("alpha", call.real(1))));
            return;
          }
          OnnxValue x = call.tensor(0);
          OnnxValue grown = call.op("Exp", call.op("Mul", x, call.number(x, call.real(3))));
          OnnxValue below =
              call.op(
                  "Mul",
                  call.op("Sub", grown, call.number(x, 1)),
                  call.number(x, call.real(1) * call.real(2)));
          call.result(
              call.where(
                  call.test("Greater", x, call.number(x, 0)),
                  call.op("Mul", x, call.number(x, call.real(2))),
                  below));
        });
    to.put(
        "aten::silu",
        call -> {
          OnnxValue x = call.tensor(0);
          OnnxValue gate = unary(call, "Sigmoid", Map.of());
          call.result(call.emit("Mul", call.dtype(), call.rank(), x, gate));
        });
    to.put(
        "aten::mish",
        call -> {
          OnnxValue plus = unary(call, "Softplus", Map.of());
          OnnxValue gate = call.emit("Tanh", call.dtype(), call.rank(), plus);
          call.result(call.emit("Mul", call.dtype(), call.rank(), call.tensor(0), gate));
        });
    to.put(
        "aten::softplus",
        call -> {
          double beta = call.isNone(1) ? 1 : call.real(1);
          double threshold = call.isNone(2) ? SOFTPLUS_THRESHOLD : call.real(2);
          OnnxValue x = call.tensor(0);
          OnnxValue scaled = beta == 1 ? x : call.op("Mul", x, call.number(x, beta));
          OnnxValue plus = call.op("Softplus", scaled);
          OnnxValue result = beta == 1 ? plus : call.op("Div", plus, call.number(x, beta));
          // Above the usual threshold the function is the identity but for 2e-9.
          if (threshold < SOFTPLUS_THRESHOLD) {
            OnnxValue isLarge = call.test("Greater", scaled, call.number(x, threshold));
            result = call.where(isLarge, x, result);
          }
          call.result(result);
        });
    to.put(
        "aten::log_sigmoid",
        call -> {
          OnnxValue negative = unary(call, "Neg", Map.of());
          OnnxValue plus = call.emit("Softplus", call.dtype(), call.rank(), negative);
          call.result(call.emit("Neg", call.dtype(), call.rank(), plus));
        });
    to.put("aten::gelu", ActivationLowerings::gelu);
    for (String name : List.of("softmax", "_softmax")) {
      to.put("aten::" + name, call -> softmax(call, "Softmax"));
    }
    for (String name : List.of("log_softmax", "_log_softmax")) {
      to.put("aten::" + name, call -> softmax(call, "LogSoftmax"));
    }
    to.put("aten::celu", call -> call.result(unary(call, "Celu", Map.of("alpha", call.real(1)))));
    to.put(
        "aten::hardshrink",
        call -> call.result(unary(call, "Shrink", Map.of("lambd", call.real(1)))));
    to.put(
        "aten::softshrink",
        call ->
            call.result(
                unary(call, "Shrink", Map.of("lambd", call.real(1), "bias", call.real(1)))));
    // (x, threshold, value)
    to.put(
        "aten::threshold",
        call -> {
          OnnxValue x = call.tensor(0);
          OnnxValue isBelow = call.test("LessOrEqual", x, call.number(x, call.real(1)));
          call.result(call.where(isBelow, call.number(x, call.real(2)), x));
        });
    // (x, lower, upper, training)
    to.put(
        "aten::rrelu",
        call -> {
          if (call.bool(3)) throw call.refuse("randomness");
          double slope = (call.real(1) + call.real(2)) / 2;
          call.result(unary(call, "LeakyRelu", Map.of("alpha", slope)));
        });
    to.put(
        "aten::prelu",
        call -> {
          OnnxValue x = call.tensor(0);
          OnnxValue slope = call.tensor(1);
          // A slope for each channel, which is the second dimension.
          boolean isPerChannel = slope.rank() > 0 && call.exampleSize(1, 0) > 1 && x.rank() > 2;
          call.result(
              call.op("PRelu", x, isPerChannel ? call.along(slope, 0, x.rank() - 1) : slope));
        });
    to.put(
        "aten::glu",
        call -> {
          int dim = call.dim(1, call.rank());
          OnnxValue x = call.tensor(0);
          long half = call.fixedSize(0, dim) / 2;
          List<OnnxValue> halves =
              List.of(
                  GraphBuilder.result(x.dtype(), x.rank()),
                  GraphBuilder.result(x.dtype(), x.rank()));
          call.emit("Split", halves, Map.of("axis", dim), List.of(x, call.ints(half, half)));
          OnnxValue gate = call.emit("Sigmoid", x.dtype(), x.rank(), halves.get(1));
          call.result(call.emit("Mul", x.dtype(), x.rank(), halves.get(0), gate));
        });
  }

  private static OnnxValue unary(
      OperatorCall call, String operator, Map<String, Object> attributes) {
    return call.emit(
        operator, call.dtype(), call.rank(), attributes, List.of(call.tensor(0, call.dtype())));
  }

  private static void softmax(OperatorCall call, String operator) {
    OnnxValue x = call.tensor(0, call.dtype());
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    int dim = call.dim(1, x.rank());
    call.result(call.emit(operator, call.dtype(), x.rank(), Map.of("axis", dim), List.of(x)));
  }

  private static void gelu(OperatorCall call) {
    Object approximate = call.isNone(1) ? "none" : call.argument(1);
    if (call.opset() >= GELU_SINCE) {
      call.result(unary(call, "Gelu", Map.of("approximate", String.valueOf(approximate))));
      return;
    }
    if (!"none".equals(approximate)) {
      call.result(byTanh(call, call.tensor(0)));
      return;
    }
    DType dtype = call.dtype();
    int rank = call.rank();
    OnnxValue x = call.tensor(0);
    OnnxValue scaled = call.emit("Div", dtype, rank, x, call.scalar(dtype, Math.sqrt(2)));
    OnnxValue erf = call.emit("Erf", dtype, rank, scaled);
    OnnxValue plusOne = call.emit("Add", dtype, rank, erf, call.scalar(dtype, 1.0));
    OnnxValue product = call.emit("Mul", dtype, rank, x, plusOne);
    call.result(call.emit("Mul", dtype, rank, product, call.scalar(dtype, 0.5)));
  }

  /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
  private static OnnxValue byTanh(OperatorCall call, OnnxValue x) {
    OnnxValue cube = call.op("Mul", call.op("Mul", x, x), x);
    OnnxValue sum = call.op("Add", x, call.op("Mul", cube, call.number(x, TANH_CUBE)));
    OnnxValue tanh = call.op("Tanh", call.op("Mul", sum, call.number(x, Math.sqrt(2 / Math.PI))));
    OnnxValue half = call.op("Mul", x, call.number(x, 0.5));
    return call.op("Mul", half, call.op("Add", tanh, call.number(x, 1)));
  }
}
