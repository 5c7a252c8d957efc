package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Questions about elements, bits, and places in sorted sequences.
final class LogicLowerings {
  private static final int BITS_SINCE = 18;

  private LogicLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::isnan", call -> call.result(question(call, "IsNaN", Map.of())));
    to.put("aten::isinf", call -> call.result(question(call, "IsInf", Map.of())));
    to.put(
        "aten::isposinf",
        call -> call.result(question(call, "IsInf", Map.of("detect_negative", false))));
    to.put(
        "aten::isneginf",
        call -> call.result(question(call, "IsInf", Map.of("detect_positive", false))));
    to.put("aten::isfinite", call -> call.result(isFinite(call, call.tensor(0))));
    to.put("aten::signbit", LogicLowerings::signBit);
    to.put("aten::isclose", LogicLowerings::isClose);
    to.put("aten::bitwise_not", call -> call.result(bits(call, "Not", call.tensor(0))));
    for (String name : List.of("And", "Or", "Xor")) {
      String lower = name.toLowerCase(java.util.Locale.ROOT);
      Lowering lowering =
          call ->
              call.result(
                  bits(call, name, call.tensor(0, call.dtype()), call.tensor(1, call.dtype())));
      to.put("aten::bitwise_" + lower, lowering);
      to.put("aten::__" + lower + "__", lowering);
    }
    for (String name : List.of("bitwise_left_shift", "__lshift__")) {
      to.put(
          "aten::" + name,
          call -> call.result(call.op("Mul", call.tensor(0, call.dtype()), power(call))));
    }
    for (String name : List.of("bitwise_right_shift", "__rshift__")) {
      to.put("aten::" + name, LogicLowerings::shiftRight);
    }
    // (x, boundaries, outInt32, right)
    to.put(
        "aten::bucketize",
        call ->
            call.result(places(call, call.tensor(1), call.tensor(0), call.bool(3), call.dtype())));
    to.put("aten::searchsorted", LogicLowerings::searchSorted);
    to.put("aten::isin", LogicLowerings::isIn);
  }

  private static OnnxValue question(
      OperatorCall call, String operator, Map<String, Object> attributes) {
    OnnxValue x = call.tensor(0);
    if (!x.dtype().isFloatingPoint()) return call.test("Not", call.test("Equal", x, x));
    return call.emit(operator, DType.BOOL, x.rank(), attributes, List.of(x));
  }

  private static OnnxValue isFinite(OperatorCall call, OnnxValue x) {
    if (!x.dtype().isFloatingPoint()) return call.test("Equal", x, x);
    return call.test("Not", call.test("Or", call.test("IsInf", x), call.test("IsNaN", x)));
  }

  private static void signBit(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    if (x.dtype() == DType.BOOL) throw call.refuse("truth values");
    OnnxValue zero = call.number(x, 0);
    OnnxValue below = call.test("Less", x, zero);
    if (x.dtype().isFloatingPoint()) {
      // -0 is not below 0, but its reciprocal is.
      below = call.test("Or", below, call.test("Less", call.op("Reciprocal", x), zero));
    }
    call.result(below);
  }

  /// `(x, y, rtol, atol, equalNan)`.
  private static void isClose(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue y = call.tensor(1);
    OnnxValue same = call.test("Equal", x, y);
    if (!x.dtype().isFloatingPoint()) {
      x = call.cast(x, DType.FLOAT32);
      y = call.cast(y, DType.FLOAT32);
    } else if (call.bool(4)) {
      OnnxValue neither = call.test("And", call.test("IsNaN", x), call.test("IsNaN", y));
      same = call.test("Or", same, neither);
    }
    OnnxValue distance = call.op("Abs", call.op("Sub", x, y));
    OnnxValue allowed =
        call.op(
            "Add",
            call.op("Mul", call.op("Abs", y), call.number(y, call.real(2))),
            call.number(y, call.real(3)));
    OnnxValue close =
        call.test("And", isFinite(call, distance), call.test("LessOrEqual", distance, allowed));
    call.result(call.test("Or", same, close));
  }

  private static OnnxValue bits(OperatorCall call, String operator, OnnxValue... inputs) {
    if (inputs[0].dtype() == DType.BOOL) return call.test(operator, inputs);
    if (call.opset() < BITS_SINCE) {
      throw call.refuse("bits of whole numbers, which opset %d has".formatted(BITS_SINCE));
    }
    return call.op("Bitwise" + operator, inputs);
  }

  private static OnnxValue power(OperatorCall call) {
    OnnxValue places = call.tensor(1, call.dtype());
    return call.op("Pow", call.number(places, 2), places);
  }

  private static void shiftRight(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    OnnxValue power = power(call);
    // Rounded down, as bits that fall out are.
    call.result(call.op("Div", call.op("Sub", x, call.op("Mod", x, power)), power));
  }

  /// How many boundaries each value is behind.
  private static OnnxValue places(
      OperatorCall call, OnnxValue boundaries, OnnxValue values, boolean right, DType dtype) {
    DType common = dev.pantorch.Torch.promoteTypes(boundaries.dtype(), values.dtype());
    OnnxValue each = call.unsqueeze(call.cast(values, common), values.rank());
    OnnxValue ends = call.cast(boundaries, common);
    if (ends.rank() > 1) ends = call.unsqueeze(ends, ends.rank() - 1);
    OnnxValue behind = call.test(right ? "GreaterOrEqual" : "Greater", each, ends);
    return call.reduce("ReduceSum", call.cast(behind, dtype), behind.rank() - 1, false);
  }

  /// `(sorted, values, outInt32, right, side, sorter)`.
  private static void searchSorted(OperatorCall call) {
    boolean right = call.bool(3) || "right".equals(call.argument(4));
    OnnxValue sorted = call.tensor(0);
    if (!call.isNone(5)) {
      Map<String, Object> axis = Map.of("axis", sorted.rank() - 1);
      sorted =
          call.emit(
              "GatherElements",
              sorted.dtype(),
              sorted.rank(),
              axis,
              Arrays.asList(sorted, call.tensor(5)));
    }
    call.result(places(call, sorted, call.tensor(1, sorted.dtype()), right, call.dtype()));
  }

  /// `(elements, tests, assumeUnique, invert)`.
  private static void isIn(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue among = call.reshape(call.tensor(1, x.dtype()), -1);
    OnnxValue same = call.test("Equal", call.unsqueeze(x, x.rank()), among);
    OnnxValue count = call.reduce("ReduceMax", call.cast(same, DType.INT32), x.rank(), false);
    OnnxValue found = call.cast(count, DType.BOOL);
    call.result(call.bool(3) ? call.test("Not", found) : found);
  }
}
