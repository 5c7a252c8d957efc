package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.List;
import java.util.Map;

/// Normalizations.
final class NormalizationLowerings {
  private NormalizationLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put(
        "aten::batch_norm",
        call -> {
          if (call.bool(5) || call.isNone(3)) {
            throw call.refuse(
                "the statistics of the batch; only running statistics can be exported");
          }
          OnnxValue mean = call.tensor(3);
          call.result(
              call.emit(
                  "BatchNormalization",
                  call.dtype(),
                  call.rank(),
                  Map.of("epsilon", call.real(7)),
                  List.of(
                      call.tensor(0),
                      parameter(call, 1, mean, 1),
                      parameter(call, 2, mean, 0),
                      mean,
                      call.tensor(4))));
        });
    to.put(
        "aten::layer_norm",
        call -> {
          List<Long> shape = call.integers(1);
          long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
          OnnxValue scale =
              call.isNone(2)
                  ? call.constant("ones", Torch.ones(call.dtype(), sizes))
                  : call.tensor(2);
          OnnxValue bias = call.isNone(3) ? null : call.tensor(3);
          call.result(
              call.emit(
                  "LayerNormalization",
                  call.dtype(),
                  call.rank(),
                  Map.of("axis", -sizes.length, "epsilon", call.real(4)),
                  java.util.Arrays.asList(call.tensor(0), scale, bias)));
        });
  }

  private static OnnxValue parameter(OperatorCall call, int index, OnnxValue like, long value) {
    if (!call.isNone(index)) return call.tensor(index);
    Tensor statistics = like.constant();
    if (statistics == null) throw call.refuse("running statistics that are computed");
    DType dtype = statistics.dtype();
    return call.constant(
        value == 1 ? "ones" : "zeros", Torch.full(statistics.shape(), value, dtype));
  }
}
