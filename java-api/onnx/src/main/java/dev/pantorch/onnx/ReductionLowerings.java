package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Operators that reduce dimensions.
final class ReductionLowerings {
  private static final int AXES_AS_INPUT_SINCE = 18;

  private ReductionLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::sum", call -> reduceWithDType(call, "ReduceSum"));
    to.put("aten::mean", call -> reduceWithDType(call, "ReduceMean"));
    to.put("aten::amax", call -> reduceDims(call, "ReduceMax"));
    to.put("aten::amin", call -> reduceDims(call, "ReduceMin"));
    to.put("aten::logsumexp", call -> reduceDims(call, "ReduceLogSumExp"));
    to.put("aten::max", call -> extreme(call, "ReduceMax", "ArgMax", "Max"));
    to.put("aten::min", call -> extreme(call, "ReduceMin", "ArgMin", "Min"));
    to.put("aten::argmax", call -> position(call, "ArgMax"));
    to.put("aten::argmin", call -> position(call, "ArgMin"));
    to.put(
        "aten::cumsum",
        call ->
            call.result(
                call.emit(
                    "CumSum",
                    call.dtype(),
                    call.rank(),
                    call.tensor(0, call.dtype()),
                    call.scalar(DType.INT64, (long) call.dim(1, call.rank())))));
  }

  static OnnxValue reduce(
      OperatorCall call, String operator, OnnxValue x, List<Long> dims, boolean keep, int rank) {
    Map<String, Object> attributes = new HashMap<>(Map.of("keepdims", keep));
    List<OnnxValue> inputs = new ArrayList<>(List.of(x));
    List<Long> axes =
        dims.stream().map(dim -> (long) OperatorCall.normalized(dim, x.rank())).toList();
    if (!axes.isEmpty() && x.rank() > 0) {
      if (operator.equals("ReduceSum") || call.opset() >= AXES_AS_INPUT_SINCE) {
        inputs.add(call.ints(axes.stream().mapToLong(Long::longValue).toArray()));
      } else {
        attributes.put("axes", axes);
      }
    }
    return call.emit(operator, x.dtype(), rank, attributes, inputs);
  }

  /// `(x, dtype)` and `(x, dims, keepdim, dtype)`.
  private static void reduceWithDType(OperatorCall call, String operator) {
    boolean hasDims = call.size() > 2;
    call.result(
        reduce(
            call,
            operator,
            call.tensor(0, call.dtype()),
            hasDims && !call.isNone(1) ? call.integers(1) : List.of(),
            hasDims && call.bool(2),
            call.rank()));
  }

  /// `(x, dims, keepdim)`.
  private static void reduceDims(OperatorCall call, String operator) {
    call.result(
        reduce(
            call,
            operator,
            call.tensor(0, call.dtype()),
            call.integers(1),
            call.bool(2),
            call.rank()));
  }

  /// `(x)`, `(x, other)` and `(x, dim, keepdim)`, which also says where.
  private static void extreme(
      OperatorCall call, String operator, String position, String elementwise) {
    DType dtype = call.dtype();
    if (call.size() == 1) {
      call.result(reduce(call, operator, call.tensor(0), List.of(), false, 0));
    } else if (call.size() == 2) {
      call.result(
          call.emit(elementwise, dtype, call.rank(), call.tensor(0, dtype), call.tensor(1, dtype)));
    } else {
      OnnxValue x = call.tensor(0);
      List<Long> dim = List.of(call.integer(1));
      boolean keep = call.bool(2);
      call.result(
          reduce(call, operator, x, dim, keep, call.rank()),
          call.emit(
              position,
              DType.INT64,
              call.rank(),
              Map.of("axis", call.dim(1, x.rank()), "keepdims", keep),
              List.of(x)));
    }
  }

  private static void position(OperatorCall call, String operator) {
    OnnxValue x = call.tensor(0);
    boolean keep = call.bool(2);
    int dim = 0;
    if (call.isNone(1)) {
      if (keep) throw call.refuse("keepdim without a dim");
      x = call.emit("Reshape", x.dtype(), 1, x, call.ints(-1));
    } else {
      dim = call.dim(1, x.rank());
    }
    call.result(
        call.emit(
            operator, DType.INT64, call.rank(), Map.of("axis", dim, "keepdims", keep), List.of(x)));
  }
}
