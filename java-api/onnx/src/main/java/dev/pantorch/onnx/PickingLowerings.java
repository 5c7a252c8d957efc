package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Operators that find, sort or pick elements.
final class PickingLowerings {
  private PickingLowerings() {}

  static void register(Map<String, Lowering> to) {
    // (x, k, dim, largest, sorted)
    to.put(
        "aten::topk",
        call -> {
          OnnxValue x = call.tensor(0);
          call.result(top(call, x, call.sizes(1), call.dim(2, x.rank()), call.bool(3)));
        });
    to.put("aten::sort", call -> call.result(sort(call)));
    to.put("aten::argsort", call -> call.result(sort(call)[1]));
    to.put(
        "aten::msort",
        call -> {
          OnnxValue x = call.tensor(0);
          call.result(top(call, x, call.sizeOf(0, 0), 0, false)[0]);
        });
    // (x, k, dim, keepdim)
    to.put(
        "aten::kthvalue",
        call -> {
          OnnxValue x = call.tensor(0);
          call.result(last(call, x, call.sizes(1), call.dim(2, x.rank()), call.bool(3)));
        });
    to.put("aten::median", PickingLowerings::median);
    to.put("aten::nonzero", call -> call.result(places(call, call.tensor(0))));
    to.put("aten::argwhere", call -> call.result(places(call, call.tensor(0))));
    to.put("aten::nonzero_numpy", call -> call.listResult(positions(call)));
    to.put("aten::masked_select", PickingLowerings::selectByMask);
    to.put(
        "aten::take",
        call -> call.result(call.gather(call.reshape(call.tensor(0), -1), call.tensor(1), 0)));
    to.put("aten::take_along_dim", PickingLowerings::takeAlong);
    to.put("aten::index", PickingLowerings::index);
    to.put(
        "aten::one_hot",
        call -> {
          if (call.integer(1) < 0) throw call.refuse("a number of classes that the data say");
          OnnxValue values = call.constant("off_on", dev.pantorch.Torch.tensor(0L, 1L));
          OnnxValue depth = call.scalar(DType.INT64, call.integer(1));
          call.result(call.emit("OneHot", DType.INT64, call.rank(), call.tensor(0), depth, values));
        });
    to.put("aten::_unique2", PickingLowerings::unique);
  }

  private static OnnxValue[] top(
      OperatorCall call, OnnxValue x, OnnxValue count, int dim, boolean largest) {
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    List<OnnxValue> outputs =
        List.of(
            GraphBuilder.result(x.dtype(), x.rank()), GraphBuilder.result(DType.INT64, x.rank()));
    call.emit("TopK", outputs, Map.of("axis", dim, "largest", largest), List.of(x, count));
    return outputs.toArray(OnnxValue[]::new);
  }

  /// `(x, dim, descending)` and `(x, stable, dim, descending)`.
  private static OnnxValue[] sort(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int at = call.size() > 3 ? 2 : 1;
    int dim = call.dim(at, x.rank());
    return top(call, x, call.sizeOf(0, dim), dim, call.bool(at + 1));
  }

  /// The largest of the smallest ones, and where it is.
  private static OnnxValue[] last(
      OperatorCall call, OnnxValue x, OnnxValue count, int dim, boolean keep) {
    OnnxValue[] smallest = top(call, x, count, dim, false);
    OnnxValue at = keep ? call.ints(-1) : call.scalar(DType.INT64, -1L);
    return new OnnxValue[] {call.gather(smallest[0], at, dim), call.gather(smallest[1], at, dim)};
  }

  /// `(x)` and `(x, dim, keepdim)`: of an even number, the lower one.
  private static void median(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    boolean isFlat = call.size() == 1;
    int dim = isFlat ? 0 : call.dim(1, x.rank());
    OnnxValue values = isFlat ? call.reshape(x, -1) : x;
    OnnxValue size = isFlat ? call.shape(values) : call.sizeOf(0, dim);
    OnnxValue half = call.op("Div", call.op("Add", size, call.ints(1)), call.ints(2));
    OnnxValue[] found = last(call, values, half, dim, !isFlat && call.bool(2));
    if (isFlat) call.result(found[0]);
    else call.result(found);
  }

  /// Where elements are that are not 0 (element, dimension).
  static OnnxValue places(OperatorCall call, OnnxValue x) {
    return call.transpose(nonZero(call, x), 1, 0);
  }

  private static OnnxValue nonZero(OperatorCall call, OnnxValue x) {
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    return call.emit("NonZero", DType.INT64, 2, x);
  }

  /// The same, a tensor for each dimension.
  static List<OnnxValue> positions(OperatorCall call) {
    return positions(call, call.tensor(0));
  }

  private static List<OnnxValue> positions(OperatorCall call, OnnxValue x) {
    OnnxValue all = nonZero(call, x);
    List<OnnxValue> positions = new ArrayList<>();
    for (long dim = 0; dim < x.rank(); dim++) {
      positions.add(call.gather(all, call.scalar(DType.INT64, dim), 0));
    }
    return positions;
  }

  private static void selectByMask(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue mask = call.tensor(1, DType.BOOL);
    if (x.rank() != mask.rank() || !haveSameShape(call)) {
      int rank = Math.max(x.rank(), mask.rank());
      OnnxValue wide = call.expand(x, call.shape(mask), rank);
      mask = call.expand(mask, call.shape(x), rank);
      x = wide;
    }
    call.result(call.emit("Compress", x.dtype(), 1, x, call.reshape(mask, -1)));
  }

  private static boolean haveSameShape(OperatorCall call) {
    return IntStream.range(0, call.tensor(0).rank())
        .allMatch(dim ->
            call.exampleSize(0, dim) == call.exampleSize(1, dim)
                && (call.exampleSize(0, dim) != 1
                    || (call.isFixed(0, dim) && call.isFixed(1, dim))));
  }

  /// `(x, indices, dim)`.
  private static void takeAlong(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue indices = call.tensor(1);
    if (call.isNone(2)) {
      OnnxValue flat = call.reshape(x, -1);
      call.result(call.gather(flat, call.reshape(indices, -1), 0));
      return;
    }
    int dim = call.dim(2, x.rank());
    boolean isSame =
        IntStream.range(0, x.rank())
            .allMatch(
                each -> each == dim || call.exampleSize(0, each) == call.exampleSize(1, each));
    if (!isSame) {
      List<OnnxValue> ofX = new ArrayList<>();
      List<OnnxValue> ofIndices = new ArrayList<>();
      for (int each = 0; each < x.rank(); each++) {
        ofX.add(each == dim ? call.ints(1) : call.sizeOf(1, each));
        ofIndices.add(each == dim ? call.ints(1) : call.sizeOf(0, each));
      }
      OnnxValue wide = call.expand(x, call.concat(0, ofX), x.rank());
      indices = call.expand(indices, call.concat(0, ofIndices), x.rank());
      x = wide;
    }
    call.result(
        call.emit("GatherElements", x.dtype(), x.rank(), Map.of("axis", dim), List.of(x, indices)));
  }

  /// What an index of tensors picks: the dimensions that it names, first, and positions for them.
  ///
  /// @param dims the dimensions
  /// @param positions whole numbers for each of these, of shapes that broadcast
  record Index(List<Integer> dims, List<OnnxValue> positions) {
    int rank() {
      return positions.stream().mapToInt(OnnxValue::rank).max().orElse(0);
    }

    /// Where the positions' dimensions are in the result: at the first dimension if they are side
    /// by side, else in front.
    int place() {
      boolean areAdjacent = dims.getLast() - dims.getFirst() == dims.size() - 1;
      return areAdjacent ? dims.getFirst() : 0;
    }

    /// The order that brings the dimensions to the front.
    int[] toFront(int rank) {
      return IntStream.concat(
              dims.stream().mapToInt(Integer::intValue),
              IntStream.range(0, rank).filter(dim -> !dims.contains(dim)))
          .toArray();
    }
  }

  static Index indexOf(OperatorCall call, List<?> indices) {
    List<Integer> dims = new ArrayList<>();
    List<OnnxValue> positions = new ArrayList<>();
    int dim = 0;
    for (Object each : indices) {
      if (each instanceof OnnxValue value
          && (value.dtype() == DType.BOOL || value.dtype() == DType.UINT8)) {
        for (OnnxValue position : positions(call, value)) {
          positions.add(position);
          dims.add(dim++);
        }
      } else {
        if (each instanceof OnnxValue value) {
          positions.add(call.cast(value, DType.INT64));
          dims.add(dim);
        }
        dim++;
      }
    }
    return new Index(dims, positions);
  }

  /// The positions as the last dimension, for GatherND and ScatterND.
  static OnnxValue tuples(OperatorCall call, Index index) {
    List<OnnxValue> wide = new ArrayList<>();
    for (OnnxValue position : index.positions) {
      OnnxValue all = position;
      for (OnnxValue other : index.positions) {
        if (!other.equals(position)) all = call.expand(all, call.shape(other), index.rank());
      }
      wide.add(call.unsqueeze(all, index.rank()));
    }
    return call.concat(index.rank(), wide);
  }

  private static void index(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    Index index = indexOf(call, call.list(1));
    if (index.dims.isEmpty()) {
      call.result(x);
      return;
    }
    if (index.dims.size() == 1) {
      call.result(call.gather(x, index.positions.getFirst(), index.dims.getFirst()));
      return;
    }
    OnnxValue front = call.transpose(x, index.toFront(x.rank()));
    int rank = index.rank() + x.rank() - index.dims.size();
    OnnxValue picked = call.emit("GatherND", x.dtype(), rank, front, tuples(call, index));
    call.result(back(call, picked, index));
  }

  /// Moves the positions' dimensions, which are in front, to where they belong.
  private static OnnxValue back(OperatorCall call, OnnxValue picked, Index index) {
    int before = index.place();
    int rank = index.rank();
    return call.transpose(
        picked,
        IntStream.concat(
                IntStream.concat(IntStream.range(rank, rank + before), IntStream.range(0, rank)),
                IntStream.range(rank + before, picked.rank()))
            .toArray());
  }

  /// `(x, sorted, returnInverse, returnCounts)`.
  private static void unique(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    List<OnnxValue> outputs =
        List.of(
            GraphBuilder.result(x.dtype(), 1),
            GraphBuilder.result(DType.INT64, 1),
            GraphBuilder.result(DType.INT64, 1),
            GraphBuilder.result(DType.INT64, 1));
    call.emit("Unique", outputs, Map.of("sorted", true), List.of(x));
    call.result(outputs.get(0), call.reshapeAs(outputs.get(2), 0), outputs.get(3));
  }
}
