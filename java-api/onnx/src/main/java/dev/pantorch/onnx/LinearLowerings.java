package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
        call -> call.result(weighted(call, call.op("MatMul", call.tensor(1), call.tensor(2)))));
    to.put("aten::outer", call -> call.result(outer(call, 0, 1)));
    for (String name : List.of("dot", "vdot")) {
      to.put(
          "aten::" + name,
          call ->
              call.result(call.emit("MatMul", call.dtype(), 0, call.tensor(0), call.tensor(1))));
    }
    to.put("aten::inner", LinearLowerings::inner);
    to.put("aten::einsum", LinearLowerings::einsum);
    to.put("aten::tensordot", LinearLowerings::tensordot);
    to.put("aten::bilinear", LinearLowerings::bilinear);
    for (String name : List.of("chain_matmul", "linalg_multi_dot")) {
      to.put("aten::" + name, LinearLowerings::chain);
    }
    // (added, matrix, vector, beta, alpha) and alike
    to.put(
        "aten::addmv",
        call ->
            call.result(
                weighted(
                    call, call.emit("MatMul", call.dtype(), 1, call.tensor(1), call.tensor(2)))));
    to.put("aten::addr", call -> call.result(weighted(call, outer(call, 1, 2))));
    to.put(
        "aten::addbmm",
        call -> {
          OnnxValue products = call.op("MatMul", call.tensor(1), call.tensor(2));
          call.result(weighted(call, call.reduce("ReduceSum", products, 0, false)));
        });
    to.put(
        "aten::linalg_det",
        call -> call.result(call.emit("Det", call.dtype(), call.rank(), call.tensor(0))));
    to.put("aten::linalg_cross", call -> call.result(cross(call, call.integer(2))));
    to.put("aten::cross", LinearLowerings::cross);
    to.put("aten::kron", LinearLowerings::kronecker);
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

  /// `beta` · the first argument + `alpha` · the product; the factors are the last arguments.
  private static OnnxValue weighted(OperatorCall call, OnnxValue product) {
    OnnxValue added = call.tensor(0);
    OnnxValue scaled = product;
    if (call.real(4) != 1) scaled = call.op("Mul", product, call.number(product, call.real(4)));
    if (call.real(3) == 0) return scaled;
    if (call.real(3) != 1) added = call.op("Mul", added, call.number(added, call.real(3)));
    return call.op("Add", added, scaled);
  }

  private static OnnxValue outer(OperatorCall call, int first, int second) {
    DType dtype = call.dtype();
    return call.op("Mul", call.unsqueeze(call.tensor(first, dtype), 1), call.tensor(second, dtype));
  }

  private static void inner(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue y = call.tensor(1);
    if (x.rank() == 0 || y.rank() == 0) {
      call.result(call.op("Mul", x, y));
    } else if (y.rank() <= 2) {
      OnnxValue turned = y.rank() == 2 ? call.swap(y, 0, 1) : y;
      call.result(call.emit("MatMul", call.dtype(), call.rank(), x, turned));
    } else {
      String left = letters(x.rank() - 1, 'a');
      String right = letters(y.rank() - 1, (char) ('a' + x.rank()));
      einsum(call, left + "z," + right + "z->" + left + right, List.of(x, y));
    }
  }

  private static String letters(int count, char first) {
    return IntStream.range(0, count)
        .mapToObj(i -> String.valueOf((char) (first + i)))
        .collect(Collectors.joining());
  }

  private static void einsum(OperatorCall call, String equation, List<OnnxValue> tensors) {
    call.result(
        call.emit("Einsum", call.dtype(), call.rank(), Map.of("equation", equation), tensors));
  }

  /// `(equation, tensors, path)`.
  private static void einsum(OperatorCall call) {
    String equation = String.valueOf(call.argument(0)).replace(" ", "");
    List<OnnxValue> tensors =
        call.tensors(1).stream().map(each -> call.cast(each, call.dtype())).toList();
    einsum(call, equation, tensors);
  }

  /// `(x, y, dimsOfX, dimsOfY)`.
  private static void tensordot(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue y = call.tensor(1);
    String left = letters(x.rank(), 'a');
    StringBuilder right = new StringBuilder(letters(y.rank(), 'A'));
    List<Long> ofX = call.integers(2);
    List<Long> ofY = call.integers(3);
    StringBuilder kept = new StringBuilder(left);
    for (int i = 0; i < ofX.size(); i++) {
      char shared = left.charAt(OperatorCall.normalized(ofX.get(i), x.rank()));
      right.setCharAt(OperatorCall.normalized(ofY.get(i), y.rank()), shared);
      kept.deleteCharAt(kept.indexOf(String.valueOf(shared)));
    }
    String more = right.toString().replaceAll("[a-z]", "");
    einsum(call, left + "," + right + "->" + kept + more, List.of(x, y));
  }

  /// `(x, y, weight, bias)`: each output is x · weight · y.
  private static void bilinear(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue y = call.tensor(1);
    String batch = letters(x.rank() - 1, 'a');
    String equation = batch + "x,zxy," + batch + "y->" + batch + "z";
    OnnxValue product =
        call.emit(
            "Einsum",
            call.dtype(),
            call.rank(),
            Map.of("equation", equation),
            List.of(x, call.tensor(2), y));
    call.result(call.isNone(3) ? product : call.op("Add", product, call.tensor(3)));
  }

  private static void chain(OperatorCall call) {
    List<OnnxValue> factors = call.tensors(0);
    OnnxValue product = factors.getFirst();
    for (OnnxValue factor : factors.subList(1, factors.size())) {
      int rank = Math.max(0, product.rank() + factor.rank() - 2);
      product = call.emit("MatMul", call.dtype(), rank, product, factor);
    }
    call.result(product);
  }

  /// `(x, y, dim)`: the first dimension of size 3 unless it is named.
  private static void cross(OperatorCall call) {
    int dim = 0;
    if (call.isNone(2)) {
      while (call.exampleSize(0, dim) != 3) dim++;
    } else {
      dim = call.dim(2, call.rank());
    }
    call.result(cross(call, dim));
  }

  private static OnnxValue cross(OperatorCall call, long dim) {
    OnnxValue x = call.tensor(0);
    OnnxValue y = call.tensor(1);
    OnnxValue next = call.ints(1, 2, 0);
    OnnxValue after = call.ints(2, 0, 1);
    int back = OperatorCall.normalized(dim, call.rank()) - call.rank();
    OnnxValue first = call.op("Mul", along(call, x, next, back), along(call, y, after, back));
    OnnxValue second = call.op("Mul", along(call, x, after, back), along(call, y, next, back));
    return call.op("Sub", first, second);
  }

  private static OnnxValue along(OperatorCall call, OnnxValue x, OnnxValue places, int dim) {
    return call.gather(x, places, x.rank() + dim);
  }

  /// Each dimension of x beside that of y, then both as one.
  private static void kronecker(OperatorCall call) {
    OnnxValue x = call.tensor(0, call.dtype());
    OnnxValue y = call.tensor(1, call.dtype());
    if (x.rank() != y.rank()) throw call.refuse("tensors of different numbers of dimensions");
    long[] ofX = IntStream.range(0, x.rank()).mapToLong(i -> 2L * i + 1).toArray();
    long[] ofY = IntStream.range(0, x.rank()).mapToLong(i -> 2L * i).toArray();
    OnnxValue product = call.op("Mul", call.unsqueeze(x, ofX), call.unsqueeze(y, ofY));
    OnnxValue sizes = call.op("Mul", call.shape(x), call.shape(y));
    call.result(call.reshape(product, sizes, x.rank()));
  }
}
