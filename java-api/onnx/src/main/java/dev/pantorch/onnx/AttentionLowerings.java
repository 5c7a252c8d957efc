package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Attention.
final class AttentionLowerings {
  private AttentionLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::scaled_dot_product_attention", AttentionLowerings::attention);
  }

  /// `(query, key, value, mask, dropout, isCausal, scale, enableGqa)`.
  private static void attention(OperatorCall call) {
    if (call.real(4) != 0) throw call.refuse("dropout");
    OnnxValue query = call.tensor(0);
    OnnxValue key = call.tensor(1);
    OnnxValue value = call.tensor(2);
    if (!call.isNone(7) && call.bool(7)) {
      key = shared(call, key, 1);
      value = shared(call, value, 2);
    }
    int rank = query.rank();
    double scale =
        call.isNone(6) ? 1 / Math.sqrt((double) call.fixedSize(0, rank - 1)) : call.real(6);
    OnnxValue scaled = call.op("Mul", query, call.number(query, scale));
    OnnxValue turned = call.swap(key, key.rank() - 2, key.rank() - 1);
    OnnxValue scores = call.op("MatMul", scaled, turned);
    OnnxValue mask = mask(call);
    if (mask != null && mask.dtype() == DType.BOOL) {
      scores = call.where(mask, scores, call.number(scores, Double.NEGATIVE_INFINITY));
    } else if (mask != null) {
      scores = call.op("Add", scores, mask);
    }
    OnnxValue weights = call.op("Softmax", Map.of("axis", -1), scores);
    if (mask != null && mask.dtype() == DType.BOOL && !call.bool(5)) {
      // Where nothing may be looked at, the softmax is not a number and PyTorch's weights are 0.
      weights = call.where(mask, weights, call.number(weights, 0));
    }
    call.result(call.op("MatMul", weights, value));
  }

  private static @Nullable OnnxValue mask(OperatorCall call) {
    if (!call.bool(5)) return call.isNone(3) ? null : call.tensor(3);
    // Each place may look at itself and those before.
    int at = call.tensor(0).rank() - 2;
    OnnxValue places = call.unsqueeze(call.range(call.sizeOf(0, at)), 1);
    return call.test("GreaterOrEqual", places, call.range(call.sizeOf(1, at)));
  }

  /// Heads of keys and values that several heads of queries share, once for each of these.
  private static OnnxValue shared(OperatorCall call, OnnxValue x, int index) {
    int rank = x.rank();
    int dim = rank - 3;
    long heads = call.fixedSize(index, dim);
    long times = call.fixedSize(0, dim) / heads;
    if (times == 1) return x;
    long[] repeats = new long[rank + 1];
    java.util.Arrays.fill(repeats, 1);
    repeats[dim + 1] = times;
    OnnxValue rows = call.op("Tile", call.unsqueeze(x, dim + 1), call.ints(repeats));
    OnnxValue sizes =
        call.concat(
            0,
            java.util.List.of(
                call.ints(new long[dim]),
                call.ints(heads * times),
                call.sizeOf(index, rank - 2),
                call.sizeOf(index, rank - 1)));
    return call.reshape(rows, sizes, rank);
  }
}
