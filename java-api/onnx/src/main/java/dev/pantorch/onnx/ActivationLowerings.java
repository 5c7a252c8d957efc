package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.List;
import java.util.Map;

/// Activations.
final class ActivationLowerings {
  private static final int GELU_SINCE = 20;

  private ActivationLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::relu", call -> call.result(unary(call, "Relu", Map.of())));
    to.put("aten::sigmoid", call -> call.result(unary(call, "Sigmoid", Map.of())));
    to.put("aten::softsign", call -> call.result(unary(call, "Softsign", Map.of())));
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
          if (call.size() > 3 && (call.real(2) != 1 || call.real(3) != 1)) {
            throw call.refuse("a scale other than 1");
          }
          call.result(unary(call, "Elu", Map.of("alpha", call.real(1))));
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
          if (!call.isNone(1) && call.real(1) != 1) throw call.refuse("a beta other than 1");
          call.result(unary(call, "Softplus", Map.of()));
        });
    to.put(
        "aten::log_sigmoid",
        call -> {
          OnnxValue negative = unary(call, "Neg", Map.of());
          OnnxValue plus = call.emit("Softplus", call.dtype(), call.rank(), negative);
          call.result(call.emit("Neg", call.dtype(), call.rank(), plus));
        });
    to.put("aten::gelu", ActivationLowerings::gelu);
    to.put("aten::softmax", call -> softmax(call, "Softmax"));
    to.put("aten::log_softmax", call -> softmax(call, "LogSoftmax"));
    to.put(
        "aten::glu",
        call -> {
          int dim = call.dim(1, call.rank());
          OnnxValue x = call.tensor(0);
          long half = call.exampleSize(0, dim) / 2;
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
      throw call.refuse("the approximation by tanh, which opset %d has".formatted(GELU_SINCE));
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
}
