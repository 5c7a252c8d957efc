package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.Map;

/// Rows of tables, one by one and in bags.
final class EmbeddingLowerings {
  private static final int MEAN = 1;
  private static final int MAX = 2;

  private EmbeddingLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::embedding", call -> call.result(call.gather(call.tensor(0), call.tensor(1), 0)));
    to.put("aten::embedding_bag", EmbeddingLowerings::bags);
  }

  /// `(table, indices, offsets, scaleGradByFreq, mode, sparse, weights, includeLastOffset,
  /// paddingIdx)`: a matrix says which row is in which bag.
  private static void bags(OperatorCall call) {
    OnnxValue table = call.tensor(0);
    OnnxValue indices = call.tensor(1, DType.INT64);
    OnnxValue offsets = call.tensor(2, DType.INT64);
    long mode = call.integer(4);
    if (indices.rank() != 1)
      throw call.refuse("indices of %d dimensions".formatted(indices.rank()));
    if (call.bool(7)) offsets = call.slice(offsets, 0, -1, 0);
    OnnxValue places = call.range(call.sizeOf(1, 0));
    OnnxValue begun =
        call.cast(call.test("GreaterOrEqual", call.unsqueeze(places, 1), offsets), DType.INT64);
    OnnxValue bag =
        call.op("Sub", call.reduce("ReduceSum", begun, 1, false), call.scalar(DType.INT64, 1L));
    OnnxValue isIn = call.test("Equal", call.unsqueeze(call.range(call.shape(offsets)), 1), bag);
    if (!call.isNone(8) && call.integer(8) >= 0) {
      OnnxValue isNoPadding =
          call.test("Not", call.test("Equal", indices, call.scalar(DType.INT64, call.integer(8))));
      isIn = call.test("And", isIn, isNoPadding);
    }
    OnnxValue rows = call.gather(table, indices, 0);
    OnnxValue share = call.cast(isIn, table.dtype());
    OnnxValue result;
    if (mode == MAX) {
      OnnxValue least = call.number(rows, Double.NEGATIVE_INFINITY);
      OnnxValue all = call.where(call.unsqueeze(isIn, 2), call.unsqueeze(rows, 0), least);
      OnnxValue most = call.reduce("ReduceMax", all, 1, false);
      result = call.where(call.test("Equal", most, least), call.number(rows, 0), most);
    } else {
      OnnxValue weighted = call.isNone(6) ? share : call.op("Mul", share, call.tensor(6));
      result = call.op("MatMul", weighted, rows);
      if (mode == MEAN) {
        OnnxValue count = call.reduce("ReduceSum", share, 1, true);
        result = call.op("Div", result, call.op("Max", count, call.number(count, 1)));
      }
    }
    for (int i = 1; i < 4; i++) {
      if (call.isUsed(i)) throw call.refuse("what it returns beside the bags");
    }
    call.result(result, bag, bag, bag);
  }
}
