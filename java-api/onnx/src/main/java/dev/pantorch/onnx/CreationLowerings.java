package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Torch;
import java.util.List;
import java.util.Map;

/// Operators that make tensors.
final class CreationLowerings {
  private CreationLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::zeros", call -> fill(call, call.sizes(0), 0L));
    to.put("aten::ones", call -> fill(call, call.sizes(0), 1L));
    to.put("aten::full", call -> fill(call, call.sizes(0), number(call, 1)));
    to.put("aten::new_zeros", call -> fill(call, call.sizes(1), 0L));
    to.put("aten::new_ones", call -> fill(call, call.sizes(1), 1L));
    to.put("aten::new_full", call -> fill(call, call.sizes(1), number(call, 2)));
    to.put("aten::zeros_like", call -> fill(call, shape(call), 0L));
    to.put("aten::ones_like", call -> fill(call, shape(call), 1L));
    to.put("aten::full_like", call -> fill(call, shape(call), number(call, 1)));
    // What is not yet filled may hold anything.
    to.put("aten::empty", call -> fill(call, call.sizes(0), 0L));
    to.put("aten::empty_like", call -> fill(call, shape(call), 0L));
    to.put("aten::new_empty", call -> fill(call, call.sizes(1), 0L));
    to.put("aten::zero", call -> fill(call, shape(call), 0L));
    to.put(
        "aten::fill",
        call -> {
          OnnxValue value = call.tensor(1, call.dtype());
          call.result(call.expand(value, shape(call), call.rank()));
        });
    to.put(
        "aten::copy",
        call -> {
          OnnxValue source = call.tensor(1, call.dtype());
          call.result(call.expand(source, shape(call), call.rank()));
        });
    // These depend on numbers only and are computed at export, if the numbers are constants.
    for (String name :
        List.of("eye", "linspace", "logspace", "scalar_tensor", "tril_indices", "triu_indices")) {
      to.put(
          "aten::" + name,
          call -> {
            throw call.refuse("sizes that depend on a dynamic axis");
          });
    }
    to.put(
        "aten::arange",
        call -> {
          // (end, 4 options), (start, end, ...) and (start, end, step, ...)
          int bounds = call.size() - 4;
          DType dtype = call.dtype();
          call.result(
              call.emit(
                  "Range",
                  dtype,
                  1,
                  bounds == 1 ? call.scalar(dtype, 0L) : call.tensor(0, dtype),
                  call.tensor(bounds == 1 ? 0 : 1, dtype),
                  bounds == 3 ? call.tensor(2, dtype) : call.scalar(dtype, 1L)));
        });
  }

  private static Object number(OperatorCall call, int index) {
    Object value = call.argument(index);
    if (value instanceof Long || value instanceof Double || value instanceof Boolean) return value;
    throw call.refuse("a value that is no constant");
  }

  private static OnnxValue shape(OperatorCall call) {
    return call.emit("Shape", DType.INT64, 1, call.tensor(0));
  }

  private static void fill(OperatorCall call, OnnxValue sizes, Object value) {
    DType dtype = call.dtype();
    Object number = value instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : value;
    var element =
        number instanceof Long whole
            ? Torch.tensor(dtype, new long[] {whole})
            : Torch.tensor(dtype, new double[] {(Double) number});
    OnnxValue filled =
        call.emit("ConstantOfShape", dtype, call.rank(), Map.of("value", element), List.of(sizes));
    filled.isZero = Long.valueOf(0).equals(number);
    call.result(filled);
  }
}
