package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Arithmetic of elements for which ONNX has no operator of its own.
final class ArithmeticLowerings {
  private ArithmeticLowerings() {}

  /// What one operator makes of a tensor of its result's dtype.
  private interface Unary {
    OnnxValue of(OperatorCall call, OnnxValue x);
  }

  /// What one operator makes of two tensors of its result's dtype.
  private interface Binary {
    OnnxValue of(OperatorCall call, OnnxValue x, OnnxValue y);
  }

  static void register(Map<String, Lowering> to) {
    unary(to, "exp2", (call, x) -> call.op("Pow", call.number(x, 2), x));
    unary(to, "expm1", (call, x) -> call.op("Sub", call.op("Exp", x), call.number(x, 1)));
    unary(to, "log1p", (call, x) -> call.op("Log", call.op("Add", x, call.number(x, 1))));
    unary(to, "log2", (call, x) -> logarithm(call, x, 2));
    unary(to, "log10", (call, x) -> logarithm(call, x, 10));
    unary(to, "erfc", (call, x) -> call.op("Sub", call.number(x, 1), call.op("Erf", x)));
    unary(to, "trunc", ArithmeticLowerings::trunc);
    unary(to, "frac", (call, x) -> call.op("Sub", x, trunc(call, x)));
    unary(to, "round", ArithmeticLowerings::round);
    unary(to, "sgn", (call, x) -> call.op("Sign", x));
    unary(to, "positive", (call, x) -> x);
    unary(to, "deg2rad", (call, x) -> call.op("Mul", x, call.number(x, Math.PI / 180)));
    unary(to, "rad2deg", (call, x) -> call.op("Mul", x, call.number(x, 180 / Math.PI)));
    unary(to, "sinc", ArithmeticLowerings::sinc);
    binary(to, "atan2", ArithmeticLowerings::angle);
    binary(
        to,
        "hypot",
        (call, x, y) ->
            call.op("Sqrt", call.op("Add", call.op("Mul", x, x), call.op("Mul", y, y))));
    binary(to, "fmod", (call, x, y) -> fmod(call, x, y));
    binary(to, "remainder", ArithmeticLowerings::remainder);
    binary(to, "floor_divide", ArithmeticLowerings::floorDivide);
    binary(to, "float_power", (call, x, y) -> call.op("Pow", x, y));
    binary(to, "copysign", ArithmeticLowerings::copySign);
    binary(to, "xlogy", ArithmeticLowerings::timesLogarithm);
    binary(to, "logaddexp", (call, x, y) -> logAddExp(call, x, y, 1));
    binary(to, "logaddexp2", (call, x, y) -> logAddExp(call, x, y, Math.log(2)));
    binary(to, "fmax", (call, x, y) -> ignoringNaN(call, "Max", x, y));
    binary(to, "fmin", (call, x, y) -> ignoringNaN(call, "Min", x, y));
    binary(
        to,
        "heaviside",
        (call, x, y) ->
            call.where(
                call.test("Equal", x, call.number(x, 0)),
                y,
                call.cast(call.test("Greater", x, call.number(x, 0)), x.dtype())));
    to.put("aten::div", ArithmeticLowerings::divide);
    // (x, y, z, value)
    to.put("aten::addcmul", call -> addProduct(call, "Mul"));
    to.put("aten::addcdiv", call -> addProduct(call, "Div"));
    to.put("aten::lerp", ArithmeticLowerings::interpolate);
    to.put("aten::logit", ArithmeticLowerings::logit);
    to.put("aten::nan_to_num", ArithmeticLowerings::replaceNaN);
  }

  private static void unary(Map<String, Lowering> to, String name, Unary function) {
    to.put("aten::" + name, call -> call.result(function.of(call, call.tensor(0, call.dtype()))));
  }

  private static void binary(Map<String, Lowering> to, String name, Binary function) {
    to.put(
        "aten::" + name,
        call ->
            call.result(
                function.of(call, call.tensor(0, call.dtype()), call.tensor(1, call.dtype()))));
  }

  private static OnnxValue logarithm(OperatorCall call, OnnxValue x, double base) {
    return call.op("Mul", call.op("Log", x), call.number(x, 1 / Math.log(base)));
  }

  private static OnnxValue trunc(OperatorCall call, OnnxValue x) {
    if (!x.dtype().isFloatingPoint()) return x;
    return call.op("Mul", call.op("Sign", x), call.op("Floor", call.op("Abs", x)));
  }

  private static OnnxValue round(OperatorCall call, OnnxValue x) {
    if (!x.dtype().isFloatingPoint()) return x;
    long decimals = call.isNone(1) ? 0 : call.integer(1);
    if (decimals == 0) return call.op("Round", x);
    OnnxValue scale = call.number(x, Math.pow(10, Math.abs((double) decimals)));
    OnnxValue scaled = call.op(decimals > 0 ? "Mul" : "Div", x, scale);
    return call.op(decimals > 0 ? "Div" : "Mul", call.op("Round", scaled), scale);
  }

  private static OnnxValue sinc(OperatorCall call, OnnxValue x) {
    OnnxValue angle = call.op("Mul", x, call.number(x, Math.PI));
    OnnxValue zero = call.test("Equal", x, call.number(x, 0));
    return call.where(zero, call.number(x, 1), call.op("Div", call.op("Sin", angle), angle));
  }

  /// The arc tangent of y / x, turned by a half where x is negative.
  private static OnnxValue angle(OperatorCall call, OnnxValue y, OnnxValue x) {
    OnnxValue zero = call.number(x, 0);
    OnnxValue base = call.op("Atan", call.op("Div", y, x));
    OnnxValue half =
        call.where(call.test("Less", y, zero), call.number(x, -Math.PI), call.number(x, Math.PI));
    OnnxValue turned = call.where(call.test("Less", x, zero), call.op("Add", base, half), base);
    OnnxValue origin = call.test("And", call.test("Equal", x, zero), call.test("Equal", y, zero));
    return call.where(origin, zero, turned);
  }

  private static OnnxValue fmod(OperatorCall call, OnnxValue x, OnnxValue y) {
    return call.op("Mod", Map.of("fmod", 1), x, y);
  }

  /// The remainder with the divisor's sign.
  private static OnnxValue remainder(OperatorCall call, OnnxValue x, OnnxValue y) {
    if (!x.dtype().isFloatingPoint()) return call.op("Mod", x, y);
    OnnxValue zero = call.number(x, 0);
    OnnxValue rest = fmod(call, x, y);
    OnnxValue isOther =
        call.test("Less", call.op("Mul", call.op("Sign", rest), call.op("Sign", y)), zero);
    return call.where(isOther, call.op("Add", rest, y), rest);
  }

  /// As libtorch does it: the quotient of what the remainder leaves is a whole number but for
  /// rounding.
  private static OnnxValue floorDivide(OperatorCall call, OnnxValue x, OnnxValue y) {
    OnnxValue whole = call.op("Div", call.op("Sub", x, remainder(call, x, y)), y);
    if (!x.dtype().isFloatingPoint()) return whole;
    OnnxValue rounded = call.op("Round", whole);
    Tensor divisor = y.constant();
    if (divisor != null && divisor.ne(0).all().itemBoolean()) return rounded;
    OnnxValue zero = call.test("Equal", y, call.number(y, 0));
    return call.where(zero, call.op("Div", x, y), rounded);
  }

  /// `(x, y, roundingMode)`.
  private static void divide(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    OnnxValue y = call.tensor(1, call.dtype());
    if ("floor".equals(call.argument(2))) {
      call.result(floorDivide(call, x, y));
    } else {
      OnnxValue quotient = call.op("Div", x, y);
      // Whole numbers are divided so in ONNX.
      call.result(call.isNone(2) ? quotient : trunc(call, quotient));
    }
  }

  private static OnnxValue isNegative(OperatorCall call, OnnxValue x) {
    OnnxValue zero = call.number(x, 0);
    OnnxValue below = call.test("Less", x, zero);
    if (!x.dtype().isFloatingPoint()) return below;
    // -0 is not below 0, but its reciprocal is.
    return call.test("Or", below, call.test("Less", call.op("Reciprocal", x), zero));
  }

  private static OnnxValue copySign(OperatorCall call, OnnxValue x, OnnxValue y) {
    OnnxValue size = call.op("Abs", x);
    return call.where(isNegative(call, y), call.op("Neg", size), size);
  }

  private static OnnxValue timesLogarithm(OperatorCall call, OnnxValue x, OnnxValue y) {
    OnnxValue zero = call.number(x, 0);
    OnnxValue isZero = call.test("Equal", x, zero);
    OnnxValue known = call.test("Not", call.test("IsNaN", y));
    return call.where(call.test("And", isZero, known), zero, call.op("Mul", x, call.op("Log", y)));
  }

  /// log(exp(x) + exp(y)), with `base` the logarithm of what is to be the base.
  private static OnnxValue logAddExp(OperatorCall call, OnnxValue x, OnnxValue y, double base) {
    UnaryOperator<OnnxValue> scaled =
        value -> base == 1 ? value : call.op("Mul", value, call.number(value, base));
    OnnxValue most = call.op("Max", x, y);
    OnnxValue gap = scaled.apply(call.op("Neg", call.op("Abs", call.op("Sub", x, y))));
    OnnxValue more = call.op("Log", call.op("Add", call.op("Exp", gap), call.number(x, 1)));
    OnnxValue less = base == 1 ? more : call.op("Mul", more, call.number(x, 1 / base));
    // Infinities of one sign have no difference.
    OnnxValue infinite = call.test("And", call.test("Equal", x, y), call.test("IsInf", x));
    return call.where(infinite, x, call.op("Add", most, less));
  }

  private static OnnxValue ignoringNaN(
      OperatorCall call, String operator, OnnxValue x, OnnxValue y) {
    if (!x.dtype().isFloatingPoint()) return call.op(operator, x, y);
    OnnxValue left = call.where(call.test("IsNaN", x), y, x);
    OnnxValue right = call.where(call.test("IsNaN", y), x, y);
    return call.op(operator, left, right);
  }

  private static void addProduct(OperatorCall call, String operator) {
    OnnxValue product =
        call.op(operator, call.tensor(1, call.dtype()), call.tensor(2, call.dtype()));
    if (!call.isNone(3) && call.real(3) != 1) {
      product = call.op("Mul", product, call.tensor(3, call.dtype()));
    }
    call.result(call.op("Add", call.tensor(0, call.dtype()), product));
  }

  /// `(start, end, weight)`.
  private static void interpolate(OperatorCall call) {
    DType dtype = call.dtype();
    OnnxValue start = call.tensor(0, dtype);
    OnnxValue way = call.op("Sub", call.tensor(1, dtype), start);
    call.result(call.op("Add", start, call.op("Mul", way, call.tensor(2, dtype))));
  }

  private static void logit(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    if (!call.isNone(1)) {
      double eps = call.real(1);
      x = call.op("Clip", x, call.number(x, eps), call.number(x, 1 - eps));
    }
    OnnxValue rest = call.op("Sub", call.number(x, 1), x);
    call.result(call.op("Log", call.op("Div", x, rest)));
  }

  /// `(x, nan, posinf, neginf)`.
  private static void replaceNaN(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    if (!x.dtype().isFloatingPoint()) {
      call.result(x);
      return;
    }
    double most =
        switch (x.dtype()) {
          case FLOAT32 -> Float.MAX_VALUE;
          case FLOAT64 -> Double.MAX_VALUE;
          default -> throw call.refuse(x.dtype() + "; float32 and float64 are exported");
        };
    OnnxValue above = call.number(x, Double.POSITIVE_INFINITY);
    OnnxValue below = call.number(x, Double.NEGATIVE_INFINITY);
    OnnxValue known =
        call.where(call.test("IsNaN", x), call.number(x, call.isNone(1) ? 0 : call.real(1)), x);
    OnnxValue bounded =
        call.where(
            call.test("Equal", known, above),
            call.number(x, call.isNone(2) ? most : call.real(2)),
            known);
    call.result(
        call.where(
            call.test("Equal", bounded, below),
            call.number(x, call.isNone(3) ? -most : call.real(3)),
            bounded));
  }
}
