package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Products of matrices, and attention.
final class LinearLowerings {
  private LinearLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::linear", LinearLowerings::linear);
    for (String name : List.of("matmul", "mm", "bmm", "mv")) {
      to.put(
          "aten::" + name,
          call ->
              call.result(
                  call.emit("MatMul", call.dtype(), call.rank(), call.tensor(0), call.tensor(1))));
    }
    to.put(
        "aten::addmm",
        call ->
            call.result(
                call.emit(
                    "Gemm",
                    call.dtype(),
                    2,
                    Map.of("beta", call.real(3), "alpha", call.real(4)),
                    List.of(call.tensor(1), call.tensor(2), call.tensor(0)))));
    to.put(
        "aten::baddbmm",
        call -> {
          DType dtype = call.dtype();
          OnnxValue product = call.emit("MatMul", dtype, 3, call.tensor(1), call.tensor(2));
          OnnxValue added = call.tensor(0);
          if (call.real(4) != 1) {
            product = call.emit("Mul", dtype, 3, product, call.scalar(dtype, call.real(4)));
          }
          if (call.real(3) != 1) {
            added = call.emit("Mul", dtype, added.rank(), added, call.scalar(dtype, call.real(3)));
          }
          call.result(call.emit("Add", dtype, 3, added, product));
        });
    to.put("aten::scaled_dot_product_attention", LinearLowerings::attention);
  }

  private static void linear(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue weight = call.tensor(1);
    DType dtype = call.dtype();
    if (x.rank() == 2 && weight.rank() == 2) {
      call.result(
          call.emit(
              "Gemm",
              dtype,
              2,
              Map.of("transB", 1),
              call.isNone(2) ? List.of(x, weight) : List.of(x, weight, call.tensor(2))));
      return;
    }
    OnnxValue turned = weight.rank() == 2 ? call.transpose(weight, 1, 0) : weight;
    OnnxValue product = call.emit("MatMul", dtype, call.rank(), x, turned);
    call.result(
        call.isNone(2) ? product : call.emit("Add", dtype, call.rank(), product, call.tensor(2)));
  }

  /// `(query, key, value, mask, dropout, isCausal, scale, enableGqa)`.
  private static void attention(OperatorCall call) {
    if (call.real(4) != 0) throw call.refuse("dropout");
    if (call.bool(5)) throw call.refuse("is_causal; give the mask instead");
    if (!call.isNone(7) && call.bool(7)) throw call.refuse("enable_gqa");
    OnnxValue query = call.tensor(0);
    OnnxValue key = call.tensor(1);
    DType dtype = call.dtype();
    int rank = call.rank();
    double scale =
        call.isNone(6) ? 1 / Math.sqrt((double) call.exampleSize(0, rank - 1)) : call.real(6);
    int[] order = IntStream.range(0, key.rank()).toArray();
    order[key.rank() - 2] = key.rank() - 1;
    order[key.rank() - 1] = key.rank() - 2;
    OnnxValue scaled = call.emit("Mul", dtype, rank, query, call.scalar(dtype, scale));
    OnnxValue scores = call.emit("MatMul", dtype, rank, scaled, call.transpose(key, order));
    OnnxValue mask = call.isNone(3) ? null : call.tensor(3);
    if (mask != null && mask.dtype() == DType.BOOL) {
      OnnxValue never = call.scalar(dtype, Double.NEGATIVE_INFINITY);
      scores = call.emit("Where", dtype, rank, mask, scores, never);
    } else if (mask != null) {
      scores = call.emit("Add", dtype, rank, scores, mask);
    }
    OnnxValue weights = call.emit("Softmax", dtype, rank, Map.of("axis", -1), List.of(scores));
    if (mask != null && mask.dtype() == DType.BOOL) {
      // Where nothing may be looked at, the softmax is not a number and PyTorch's weights are 0.
      weights = call.emit("Where", dtype, rank, mask, weights, call.scalar(dtype, 0.0));
    }
    call.result(call.emit("MatMul", dtype, rank, weights, call.tensor(2)));
  }
}
