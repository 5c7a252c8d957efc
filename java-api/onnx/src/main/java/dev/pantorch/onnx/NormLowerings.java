package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.List;
import java.util.Map;

/// Norms of vectors, and distances.
final class NormLowerings {
  private NormLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::norm", NormLowerings::norm);
    // (x, ord, dims, keepdim, dtype)
    to.put(
        "aten::linalg_vector_norm",
        call ->
            call.result(
                norm(
                    call,
                    call.tensor(0, call.dtype()),
                    call.real(1),
                    dims(call, 2),
                    call.bool(3))));
    to.put("aten::linalg_norm", NormLowerings::linalgNorm);
    to.put(
        "aten::frobenius_norm",
        call -> call.result(norm(call, call.tensor(0), 2, dims(call, 1), call.bool(2))));
    to.put("aten::linalg_matrix_norm", NormLowerings::matrixNorm);
    to.put(
        "aten::dist",
        call -> {
          OnnxValue difference = call.op("Sub", call.tensor(0), call.tensor(1));
          call.result(norm(call, difference, call.real(2), List.of(), false));
        });
    // (x, y, p, eps, keepdim)
    to.put(
        "aten::pairwise_distance",
        call -> {
          OnnxValue difference = call.op("Sub", call.tensor(0), call.tensor(1));
          OnnxValue moved = call.op("Add", difference, call.number(difference, call.real(3)));
          call.result(norm(call, moved, call.real(2), List.of(-1L), call.bool(4)));
        });
    // (x, y, p, mode)
    to.put(
        "aten::cdist",
        call -> {
          OnnxValue left = call.unsqueeze(call.tensor(0), call.tensor(0).rank() - 1);
          OnnxValue right = call.unsqueeze(call.tensor(1), call.tensor(1).rank() - 2);
          OnnxValue difference = call.op("Sub", left, right);
          call.result(norm(call, difference, call.real(2), List.of(-1L), false));
        });
    // (x, y, dim, eps)
    to.put(
        "aten::cosine_similarity",
        call -> {
          DType dtype = call.dtype();
          OnnxValue left = unit(call, call.tensor(0, dtype));
          OnnxValue right = unit(call, call.tensor(1, dtype));
          call.result(
              call.reduce(
                  "ReduceSum", call.op("Mul", left, right), List.of(call.integer(2)), false));
        });
  }

  private static OnnxValue unit(OperatorCall call, OnnxValue x) {
    int rank = call.rank() + 1;
    int dim = call.dim(2, rank) - (rank - x.rank());
    OnnxValue length = call.reduce("ReduceL2", x, dim, true);
    return call.op("Div", x, call.op("Max", length, call.number(x, call.real(3))));
  }

  private static List<Long> dims(OperatorCall call, int index) {
    return call.isNone(index) ? List.of() : call.integers(index);
  }

  /// `(x, p)`, `(x, p, dtype)`, `(x, p, dims, keepdim)` and the same with a dtype.
  private static void norm(OperatorCall call) {
    double p = call.isNone(1) ? 2 : call.real(1);
    boolean hasDims = call.size() > 3;
    OnnxValue x = call.tensor(0, call.dtype());
    call.result(norm(call, x, p, hasDims ? dims(call, 2) : List.of(), hasDims && call.bool(3)));
  }

  /// `(x, ord, dims, keepdim, dtype)`: of vectors, unless two dimensions are named with an order.
  private static void linalgNorm(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    List<Long> dims = dims(call, 2);
    boolean isMatrix = dims.size() == 2 || (dims.isEmpty() && x.rank() == 2);
    if (!call.isNone(1) && isMatrix) {
      if (!"fro".equals(call.argument(1))) throw call.refuse("this norm of matrices");
      call.result(norm(call, x, 2, dims, call.bool(3)));
      return;
    }
    call.result(norm(call, x, call.isNone(1) ? 2 : call.real(1), dims, call.bool(3)));
  }

  /// `(x, ord, dims, keepdim, dtype)`.
  private static void matrixNorm(OperatorCall call) {
    if (!"fro".equals(call.argument(1))) throw call.refuse("a matrix norm other than 'fro'");
    call.result(norm(call, call.tensor(0, call.dtype()), 2, dims(call, 2), call.bool(3)));
  }

  static OnnxValue norm(OperatorCall call, OnnxValue x, double p, List<Long> dims, boolean keep) {
    if (p == 2) return call.reduce("ReduceL2", x, dims, keep);
    if (p == 1) return call.reduce("ReduceL1", x, dims, keep);
    OnnxValue size = call.op("Abs", x);
    if (p == Double.POSITIVE_INFINITY) return call.reduce("ReduceMax", size, dims, keep);
    if (p == Double.NEGATIVE_INFINITY) return call.reduce("ReduceMin", size, dims, keep);
    if (p == 0) {
      OnnxValue some = call.cast(call.cast(x, DType.BOOL), x.dtype());
      return call.reduce("ReduceSum", some, dims, keep);
    }
    OnnxValue sum = call.reduce("ReduceSum", call.op("Pow", size, call.number(x, p)), dims, keep);
    return call.op("Pow", sum, call.number(x, 1 / p));
  }
}
