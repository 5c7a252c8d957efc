package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Torch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Operators that compute each element on its own.
final class ElementwiseLowerings {
  private static final Map<String, String> UNARY =
      Map.ofEntries(
          Map.entry("abs", "Abs"),
          Map.entry("acos", "Acos"),
          Map.entry("acosh", "Acosh"),
          Map.entry("asin", "Asin"),
          Map.entry("asinh", "Asinh"),
          Map.entry("atan", "Atan"),
          Map.entry("atanh", "Atanh"),
          Map.entry("ceil", "Ceil"),
          Map.entry("cos", "Cos"),
          Map.entry("cosh", "Cosh"),
          Map.entry("erf", "Erf"),
          Map.entry("exp", "Exp"),
          Map.entry("floor", "Floor"),
          Map.entry("log", "Log"),
          Map.entry("neg", "Neg"),
          Map.entry("reciprocal", "Reciprocal"),
          Map.entry("sign", "Sign"),
          Map.entry("sin", "Sin"),
          Map.entry("sinh", "Sinh"),
          Map.entry("sqrt", "Sqrt"),
          Map.entry("tan", "Tan"),
          Map.entry("tanh", "Tanh"));
  private static final Map<String, String> COMPARISONS =
      Map.of(
          "eq",
          "Equal",
          "lt",
          "Less",
          "le",
          "LessOrEqual",
          "gt",
          "Greater",
          "ge",
          "GreaterOrEqual");

  /// PyTorch rounds whole numbers too, ONNX does not.
  private static final List<String> ROUNDING = List.of("Ceil", "Floor");

  private ElementwiseLowerings() {}

  static void register(Map<String, Lowering> to) {
    UNARY.forEach((name, operator) ->
        to.put(
            "aten::" + name,
            call -> {
              OnnxValue x = call.tensor(0, call.dtype());
              boolean isWhole = !x.dtype().isFloatingPoint() && ROUNDING.contains(operator);
              call.result(isWhole ? x : call.emit(operator, x.dtype(), call.rank(), x));
            }));
    to.put(
        "aten::rsqrt",
        call -> {
          OnnxValue root =
              call.emit("Sqrt", call.dtype(), call.rank(), call.tensor(0, call.dtype()));
          call.result(call.emit("Reciprocal", call.dtype(), call.rank(), root));
        });
    to.put(
        "aten::square",
        call -> {
          OnnxValue x = call.tensor(0);
          call.result(call.emit("Mul", call.dtype(), call.rank(), x, x));
        });
    to.put("aten::add", call -> sum(call, "Add"));
    to.put("aten::sub", call -> sum(call, "Sub"));
    to.put(
        "aten::rsub",
        call -> {
          OnnxValue left = scaled(call, call.tensor(0, call.dtype()));
          call.result(
              call.emit("Sub", call.dtype(), call.rank(), call.tensor(1, call.dtype()), left));
        });
    to.put(
        "aten::mul",
        call ->
            call.result(call.dtype() == DType.BOOL ? binary(call, "And") : binary(call, "Mul")));
    to.put("aten::pow", call -> call.result(binary(call, "Pow")));
    to.put("aten::minimum", call -> call.result(binary(call, "Min")));
    to.put("aten::maximum", call -> call.result(binary(call, "Max")));
    COMPARISONS.forEach(
        (name, operator) -> to.put("aten::" + name, call -> call.result(compare(call, operator))));
    to.put(
        "aten::ne",
        call -> call.result(call.emit("Not", DType.BOOL, call.rank(), compare(call, "Equal"))));
    to.put(
        "aten::logical_not",
        call -> call.result(call.emit("Not", DType.BOOL, call.rank(), call.tensor(0, DType.BOOL))));
    for (String name : List.of("And", "Or", "Xor")) {
      to.put(
          "aten::logical_" + name.toLowerCase(java.util.Locale.ROOT),
          call ->
              call.result(
                  call.emit(
                      name,
                      DType.BOOL,
                      call.rank(),
                      call.tensor(0, DType.BOOL),
                      call.tensor(1, DType.BOOL))));
    }
    to.put(
        "aten::where",
        call -> {
          if (call.size() != 3) {
            call.listResult(PickingLowerings.positions(call));
            return;
          }
          call.result(
              call.emit(
                  "Where",
                  call.dtype(),
                  call.rank(),
                  call.tensor(0, DType.BOOL),
                  call.tensor(1, call.dtype()),
                  call.tensor(2, call.dtype())));
        });
    to.put(
        "aten::masked_fill",
        call ->
            call.result(
                call.emit(
                    "Where",
                    call.dtype(),
                    call.rank(),
                    call.tensor(1, DType.BOOL),
                    call.tensor(2, call.dtype()),
                    call.tensor(0, call.dtype()))));
    to.put("aten::clamp", call -> call.result(clip(call, call.argument(1), call.argument(2))));
    to.put("aten::clamp_min", call -> call.result(clip(call, call.argument(1), null)));
    to.put("aten::clamp_max", call -> call.result(clip(call, null, call.argument(1))));
    to.put("aten::hardtanh", call -> call.result(clip(call, call.argument(1), call.argument(2))));
    to.put("aten::relu6", call -> call.result(clip(call, 0.0, 6.0)));
  }

  private static OnnxValue binary(OperatorCall call, String operator) {
    return call.emit(
        operator,
        call.dtype(),
        call.rank(),
        call.tensor(0, call.dtype()),
        call.tensor(1, call.dtype()));
  }

  private static void sum(OperatorCall call, String operator) {
    if (call.dtype() == DType.BOOL) throw call.refuse("sums of booleans");
    OnnxValue right = scaled(call, call.tensor(1, call.dtype()));
    call.result(
        call.emit(operator, call.dtype(), call.rank(), call.tensor(0, call.dtype()), right));
  }

  /// What the argument `alpha` says.
  private static OnnxValue scaled(OperatorCall call, OnnxValue value) {
    if (call.isNone(2) || call.real(2) == 1) return value;
    OnnxValue alpha = call.tensor(2, call.dtype());
    return call.emit("Mul", call.dtype(), value.rank(), value, alpha);
  }

  private static OnnxValue compare(OperatorCall call, String operator) {
    DType dtype = common(call);
    if (dtype == DType.BOOL && !operator.equals("Equal")) dtype = DType.INT32;
    return call.emit(
        operator, DType.BOOL, call.rank(), call.tensor(0, dtype), call.tensor(1, dtype));
  }

  /// The dtype that both are compared in: numbers, and tensors without dimensions, count only where
  /// they are of a higher kind.
  private static DType common(OperatorCall call) {
    OnnxValue left = call.tensor(0);
    Object other = call.argument(1);
    if (!(other instanceof OnnxValue right)) {
      boolean widens =
          (other instanceof Double && !left.dtype().isFloatingPoint())
              || (other instanceof Long && left.dtype() == DType.BOOL);
      if (!widens) return left.dtype();
      return other instanceof Double ? DType.FLOAT32 : DType.INT64;
    }
    if ((left.rank() == 0) == (right.rank() == 0)) {
      return Torch.promoteTypes(left.dtype(), right.dtype());
    }
    OnnxValue main = left.rank() == 0 ? right : left;
    OnnxValue scalar = left.rank() == 0 ? left : right;
    boolean widens =
        (scalar.dtype().isFloatingPoint() && !main.dtype().isFloatingPoint())
            || main.dtype() == DType.BOOL;
    return widens ? Torch.promoteTypes(left.dtype(), right.dtype()) : main.dtype();
  }

  private static OnnxValue clip(
      OperatorCall call, @Nullable Object least, @Nullable Object greatest) {
    OnnxValue x = call.tensor(0, call.dtype());
    if (least instanceof OnnxValue || greatest instanceof OnnxValue) {
      // The larger bound comes first, so that the smaller wins where they cross, as in PyTorch.
      if (least instanceof OnnxValue bound) x = call.op("Max", x, call.cast(bound, x.dtype()));
      if (greatest instanceof OnnxValue bound) x = call.op("Min", x, call.cast(bound, x.dtype()));
      return x;
    }
    return call.emit(
        "Clip", x.dtype(), x.rank(), x, bound(x, call, least), bound(x, call, greatest));
  }

  private static @Nullable OnnxValue bound(OnnxValue x, OperatorCall call, @Nullable Object value) {
    return value == null ? null : call.scalar(x.dtype(), value);
  }
}
