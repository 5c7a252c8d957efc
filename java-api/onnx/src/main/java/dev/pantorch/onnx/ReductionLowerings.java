package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Operators that reduce dimensions.
final class ReductionLowerings {
  private ReductionLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::sum", call -> reduceWithDType(call, "ReduceSum"));
    to.put("aten::mean", call -> reduceWithDType(call, "ReduceMean"));
    to.put("aten::amax", call -> reduceDims(call, "ReduceMax"));
    to.put("aten::amin", call -> reduceDims(call, "ReduceMin"));
    to.put("aten::logsumexp", call -> reduceDims(call, "ReduceLogSumExp"));
    to.put("aten::max", call -> extreme(call, "ReduceMax", "ArgMax", "Max"));
    to.put("aten::min", call -> extreme(call, "ReduceMin", "ArgMin", "Min"));
    to.put("aten::aminmax", ReductionLowerings::extremes);
    to.put("aten::argmax", call -> position(call, "ArgMax"));
    to.put("aten::argmin", call -> position(call, "ArgMin"));
    to.put("aten::prod", ReductionLowerings::product);
    to.put("aten::all", call -> call.result(truth(call, "ReduceMin")));
    to.put("aten::any", call -> call.result(truth(call, "ReduceMax")));
    to.put("aten::nansum", call -> call.result(withoutNaN(call)));
    to.put(
        "aten::nanmean",
        call -> {
          OnnxValue x = call.tensor(0, call.dtype());
          OnnxValue known = call.cast(call.test("Not", call.test("IsNaN", x)), x.dtype());
          OnnxValue count = call.reduce("ReduceSum", known, dims(call, 1), call.bool(2));
          call.result(call.op("Div", withoutNaN(call), count));
        });
    to.put(
        "aten::count_nonzero",
        call -> {
          OnnxValue truth = call.cast(call.cast(call.tensor(0), DType.BOOL), DType.INT64);
          call.result(call.reduce("ReduceSum", truth, dims(call, 1), false));
        });
    to.put("aten::var", call -> call.result(variance(call)[0]));
    to.put("aten::std", call -> call.result(call.op("Sqrt", variance(call)[0])));
    to.put("aten::var_mean", call -> call.result(variance(call)));
    to.put(
        "aten::std_mean",
        call -> {
          OnnxValue[] both = variance(call);
          call.result(call.op("Sqrt", both[0]), both[1]);
        });
  }

  /// Dimensions, none for all.
  private static List<Long> dims(OperatorCall call, int index) {
    return call.isNone(index) ? List.of() : call.integers(index);
  }

  /// `(x, dtype)` and `(x, dims, keepdim, dtype)`.
  private static void reduceWithDType(OperatorCall call, String operator) {
    OnnxValue x = call.tensor(0, call.dtype());
    boolean hasDims = call.size() > 2;
    call.result(
        call.reduce(operator, x, hasDims ? dims(call, 1) : List.of(), hasDims && call.bool(2)));
  }

  /// `(x, dims, keepdim)`.
  private static void reduceDims(OperatorCall call, String operator) {
    OnnxValue x = call.tensor(0, call.dtype());
    call.result(call.reduce(operator, x, call.integers(1), call.bool(2)));
  }

  /// `(x)`, `(x, other)` and `(x, dim, keepdim)`, which also says where.
  private static void extreme(
      OperatorCall call, String operator, String position, String elementwise) {
    DType dtype = call.dtype();
    if (call.size() == 1) {
      call.result(call.reduce(operator, call.tensor(0), List.of(), false));
    } else if (call.size() == 2) {
      call.result(call.op(elementwise, call.tensor(0, dtype), call.tensor(1, dtype)));
    } else {
      OnnxValue x = call.tensor(0);
      boolean keep = call.bool(2);
      call.result(
          call.reduce(operator, x, List.of(call.integer(1)), keep),
          position(call, position, x, call.dim(1, x.rank()), keep));
    }
  }

  private static OnnxValue position(
      OperatorCall call, String operator, OnnxValue x, int dim, boolean keep) {
    return call.emit(
        operator,
        DType.INT64,
        keep ? x.rank() : x.rank() - 1,
        Map.of("axis", dim, "keepdims", keep),
        List.of(x));
  }

  /// `(x, dim, keepdim)`.
  private static void extremes(OperatorCall call) {
    List<Long> dims = dims(call, 1);
    boolean keep = call.bool(2);
    call.result(
        call.reduce("ReduceMin", call.tensor(0), dims, keep),
        call.reduce("ReduceMax", call.tensor(0), dims, keep));
  }

  private static void position(OperatorCall call, String operator) {
    OnnxValue x = call.tensor(0);
    boolean keep = call.bool(2);
    if (!call.isNone(1)) {
      call.result(position(call, operator, x, call.dim(1, x.rank()), keep));
      return;
    }
    OnnxValue where = position(call, operator, call.reshape(x, -1), 0, false);
    long[] ones = new long[keep ? x.rank() : 0];
    java.util.Arrays.fill(ones, 1);
    call.result(keep ? call.reshape(where, ones) : where);
  }

  /// `(x, dtype)` and `(x, dim, keepdim, dtype)`.
  private static void product(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    boolean hasDim = call.size() > 2;
    List<Long> dims = hasDim ? List.of(call.integer(1)) : List.of();
    call.result(call.reduce("ReduceProd", x, dims, hasDim && call.bool(2)));
  }

  /// `(x)` and `(x, dims, keepdim)`.
  private static OnnxValue truth(OperatorCall call, String operator) {
    // Truth values can be reduced from opset 20 on.
    OnnxValue number = call.cast(call.tensor(0, DType.BOOL), DType.INT32);
    boolean hasDims = call.size() > 1;
    if (hasDims && call.argument(1) instanceof List<?> list && list.isEmpty()) {
      throw call.refuse("a reduction over no dimension");
    }
    List<Long> dims = hasDims ? dims(call, 1) : List.of();
    OnnxValue reduced = call.reduce(operator, number, dims, hasDims && call.bool(2));
    return call.cast(reduced, call.dtype());
  }

  private static OnnxValue withoutNaN(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    OnnxValue known = call.where(call.test("IsNaN", x), call.number(x, 0), x);
    return call.reduce("ReduceSum", known, dims(call, 1), call.bool(2));
  }

  /// Variance and mean: `(x, unbiased)`, `(x, dims, unbiased, keepdim)` and `(x, dims, correction,
  /// keepdim)`.
  private static OnnxValue[] variance(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    boolean isShort = call.size() == 2;
    List<Long> dims = isShort ? List.of() : dims(call, 1);
    int at = isShort ? 1 : 2;
    double correction =
        call.argument(at) instanceof Boolean unbiased
            ? (unbiased ? 1 : 0)
            : call.isNone(at) ? 1 : call.real(at);
    boolean keep = !isShort && call.bool(3);
    OnnxValue mean = call.reduce("ReduceMean", x, dims, keep);
    OnnxValue wide = keep ? mean : call.reduce("ReduceMean", x, dims, true);
    OnnxValue distance = call.op("Sub", x, wide);
    OnnxValue square = call.op("Mul", distance, distance);
    if (correction == 0) return pair(call.reduce("ReduceMean", square, dims, keep), mean);
    OnnxValue count = call.cast(count(call, x, dims), x.dtype());
    OnnxValue divisor =
        call.op("Max", call.op("Sub", count, call.number(x, correction)), call.number(x, 0));
    return pair(call.op("Div", call.reduce("ReduceSum", square, dims, keep), divisor), mean);
  }

  private static OnnxValue[] pair(OnnxValue first, OnnxValue second) {
    return new OnnxValue[] {first, second};
  }

  /// How many elements are reduced to one.
  private static OnnxValue count(OperatorCall call, OnnxValue x, List<Long> dims) {
    long known = 1;
    List<OnnxValue> unknown = new ArrayList<>();
    for (int dim = 0; dim < x.rank(); dim++) {
      int each = dim;
      if (!dims.isEmpty()
          && dims.stream().noneMatch(d -> OperatorCall.normalized(d, x.rank()) == each)) {
        continue;
      }
      if (call.isFixed(0, dim)) known *= call.exampleSize(0, dim);
      else unknown.add(call.sizeOf(0, dim));
    }
    OnnxValue count = call.scalar(DType.INT64, known);
    for (OnnxValue size : unknown) count = call.op("Mul", call.squeeze(size, 0), count);
    return count;
  }
}
