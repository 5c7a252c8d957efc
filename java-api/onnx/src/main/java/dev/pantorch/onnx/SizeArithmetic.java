package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.Arrays;

/// Whole numbers computed from sizes: the sums and products that a trace is made of.
final class SizeArithmetic {
  private SizeArithmetic() {}

  static Object compute(OperatorCall call, String kind) {
    if (kind.equals("aten::numel")) return count(call);
    if (call.size() != 2) throw call.refuse("whole numbers of this kind");
    if (call.argument(0) instanceof Long left && call.argument(1) instanceof Long right) {
      return switch (kind) {
        case "aten::add" -> Math.addExact(left, right);
        case "aten::mul" -> Math.multiplyExact(left, right);
        default -> throw call.refuse("whole numbers of this kind");
      };
    }
    String operator =
        switch (kind) {
          case "aten::add" -> "Add";
          case "aten::mul" -> "Mul";
          default -> throw call.refuse("whole numbers of this kind");
        };
    return new SizeValue(call.emit(operator, DType.INT64, 1, call.sizes(0), call.sizes(1)));
  }

  private static Object count(OperatorCall call) {
    long[] known = call.knownShape(0);
    if (known != null && Arrays.stream(known).noneMatch(size -> size == -1)) {
      return Arrays.stream(known).reduce(1, Math::multiplyExact);
    }
    return new SizeValue(call.reshape(call.emit("Size", DType.INT64, 0, call.tensor(0)), 1));
  }
}
