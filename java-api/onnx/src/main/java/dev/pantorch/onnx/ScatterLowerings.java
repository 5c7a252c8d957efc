package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Operators that put elements into a tensor.
final class ScatterLowerings {
  private static final int REDUCTIONS_SINCE = 18;

  private ScatterLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::scatter", ScatterLowerings::scatter);
    to.put(
        "aten::scatter_add",
        call -> call.result(elements(call, call.tensor(0), call.tensor(3), "add")));
    to.put("aten::scatter_reduce", ScatterLowerings::scatterReduce);
    to.put("aten::index_put", ScatterLowerings::indexPut);
    to.put("aten::_unsafe_index_put", ScatterLowerings::indexPut);
    to.put("aten::index_copy", call -> call.result(rows(call, call.tensor(3), "none")));
    to.put(
        "aten::index_add",
        call -> {
          OnnxValue source = call.tensor(3, call.dtype());
          boolean isScaled = !call.isNone(4) && call.real(4) != 1;
          if (isScaled) source = call.op("Mul", source, call.tensor(4, call.dtype()));
          call.result(rows(call, source, "add"));
        });
    to.put("aten::index_fill", ScatterLowerings::indexFill);
    to.put("aten::masked_scatter", ScatterLowerings::maskedScatter);
    to.put("aten::select_scatter", ScatterLowerings::selectScatter);
    to.put("aten::slice_scatter", ScatterLowerings::sliceScatter);
    to.put("aten::diagonal_scatter", ScatterLowerings::diagonalScatter);
  }

  private static OnnxValue scatterElements(
      OperatorCall call,
      OnnxValue x,
      OnnxValue index,
      OnnxValue updates,
      int dim,
      String reduction) {
    boolean isNew = reduction.equals("max") || reduction.equals("min");
    if (isNew && call.opset() < REDUCTIONS_SINCE) {
      throw call.refuse(
          "the reduction '%s', which opset %d has".formatted(reduction, REDUCTIONS_SINCE));
    }
    return call.emit(
        "ScatterElements",
        x.dtype(),
        x.rank(),
        Map.of("axis", dim, "reduction", reduction),
        List.of(x, index, updates));
  }

  /// `(x, dim, index, source, ...)`: a source may be larger than the index.
  private static OnnxValue elements(
      OperatorCall call, OnnxValue x, OnnxValue source, String reduction) {
    OnnxValue index = call.tensor(2);
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    OnnxValue updates = call.cast(source, x.dtype());
    if (updates.rank() == 0) {
      updates = call.expand(updates, call.shape(index), index.rank());
    } else {
      for (int dim = 0; dim < index.rank(); dim++) {
        if (call.exampleSize(2, dim) == call.exampleSize(3, dim)) continue;
        updates = call.slice(updates, call.ints(0), call.sizeOf(2, dim), dim, 1);
      }
    }
    return scatterElements(call, x, index, updates, call.dim(1, x.rank()), reduction);
  }

  /// `(x, dim, index, source or value, reduce)`.
  private static void scatter(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    String reduction = call.isNone(4) ? "none" : "add".equals(call.argument(4)) ? "add" : "mul";
    call.result(elements(call, x, call.tensor(3, x.dtype()), reduction));
  }

  /// `(x, dim, index, source, reduce, includeSelf)`.
  private static void scatterReduce(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    String name = String.valueOf(call.argument(4));
    boolean isMean = name.equals("mean");
    String reduction =
        switch (name) {
          case "prod" -> "mul";
          case "amax" -> "max";
          case "amin" -> "min";
          default -> "add";
        };
    if (!call.bool(5)) {
      double neutral =
          switch (name) {
            case "prod" -> 1;
            case "amax" -> Double.NEGATIVE_INFINITY;
            case "amin" -> Double.POSITIVE_INFINITY;
            default -> 0;
          };
      x = elements(call, x, call.number(x, neutral), "none");
    }
    OnnxValue result = elements(call, x, call.tensor(3), reduction);
    if (isMean) {
      if (!x.dtype().isFloatingPoint()) throw call.refuse("means of whole numbers");
      OnnxValue first = call.expand(call.number(x, call.bool(5) ? 1 : 0), call.shape(x), x.rank());
      OnnxValue count = elements(call, first, call.number(x, 1), "add");
      result = call.op("Div", result, call.op("Max", count, call.number(x, 1)));
    }
    call.result(result);
  }

  /// `(x, indices, values, accumulate)`.
  private static void indexPut(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue values = call.tensor(2, x.dtype());
    List<?> indices = call.list(1);
    boolean accumulates = !call.isNone(3) && call.bool(3);
    boolean isMask =
        indices.size() == 1
            && indices.getFirst() instanceof OnnxValue mask
            && mask.dtype() == DType.BOOL
            && values.rank() == 0;
    if (isMask && !accumulates && indices.getFirst() instanceof OnnxValue mask) {
      long[] more = IntStream.range(mask.rank(), x.rank()).asLongStream().toArray();
      call.result(call.where(more.length == 0 ? mask : call.unsqueeze(mask, more), values, x));
      return;
    }
    PickingLowerings.Index index = PickingLowerings.indexOf(call, indices);
    int[] order = index.toFront(x.rank());
    OnnxValue front = call.transpose(x, order);
    OnnxValue tuples = PickingLowerings.tuples(call, index);
    int named = index.dims().size();
    OnnxValue places = call.shape(tuples, 0, index.rank());
    OnnxValue sizes =
        x.rank() == named
            ? places
            : call.concat(0, List.of(places, call.shape(front, named, x.rank())));
    int rank = index.rank() + x.rank() - named;
    OnnxValue updates = values;
    if (index.place() > 0 && values.rank() > x.rank() - named - index.place()) {
      updates = placesInFront(call, values, index, rank);
    }
    updates = call.expand(updates, sizes, rank);
    OnnxValue put =
        call.emit(
            "ScatterND",
            x.dtype(),
            x.rank(),
            Map.of("reduction", accumulates ? "add" : "none"),
            List.of(front, tuples, updates));
    int[] back = new int[order.length];
    for (int i = 0; i < order.length; i++) back[order[i]] = i;
    call.result(call.transpose(put, back));
  }

  /// Values have the dimensions of the positions where the dimensions that are named stand.
  private static OnnxValue placesInFront(
      OperatorCall call, OnnxValue values, PickingLowerings.Index index, int rank) {
    OnnxValue all = values;
    int more = rank - values.rank();
    if (more > 0) all = call.unsqueeze(all, IntStream.range(0, more).asLongStream().toArray());
    int at = index.place();
    return call.transpose(
        all,
        IntStream.concat(
                IntStream.range(at, at + index.rank()),
                IntStream.concat(IntStream.range(0, at), IntStream.range(at + index.rank(), rank)))
            .toArray());
  }

  /// `(x, dim, index, source, ...)`: whole rows.
  private static OnnxValue rows(OperatorCall call, OnnxValue source, String reduction) {
    OnnxValue x = call.tensor(0);
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    int dim = call.dim(1, x.rank());
    OnnxValue index = call.along(call.reshape(call.tensor(2), -1), dim, x.rank());
    OnnxValue all = call.expand(index, call.shape(source), x.rank());
    return scatterElements(call, x, all, source, dim, reduction);
  }

  /// `(x, dim, index, value)`.
  private static void indexFill(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    int dim = call.dim(1, x.rank());
    OnnxValue index = call.reshape(call.tensor(2), -1);
    OnnxValue zero = call.scalar(DType.INT64, 0L);
    OnnxValue none = call.expand(zero, call.sizeOf(0, dim), 1);
    OnnxValue one = call.expand(call.scalar(DType.INT64, 1L), call.shape(index), 1);
    OnnxValue some = call.cast(scatterElements(call, none, index, one, 0, "none"), DType.BOOL);
    call.result(call.where(call.along(some, dim, x.rank()), call.tensor(3, x.dtype()), x));
  }

  /// `(x, mask, source)`: the source's elements one after another where the mask is true.
  private static void maskedScatter(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    OnnxValue mask = call.tensor(1);
    OnnxValue wide = mask.rank() == x.rank() ? mask : call.expand(mask, call.shape(x), x.rank());
    wide = call.expand(wide, call.shape(x), x.rank());
    OnnxValue flat = call.cast(call.reshape(wide, -1), DType.INT64);
    OnnxValue count = call.emit("CumSum", DType.INT64, 1, flat, call.scalar(DType.INT64, 0L));
    OnnxValue places =
        call.op("Max", call.op("Sub", count, call.scalar(DType.INT64, 1L)), call.ints(0));
    OnnxValue picked = call.gather(call.reshape(call.tensor(2), -1), places, 0);
    call.result(call.where(wide, call.reshapeAs(picked, 0), x));
  }

  /// `(x, source, dim, index)`.
  private static void selectScatter(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(2, x.rank());
    OnnxValue size = call.sizeOf(0, dim);
    OnnxValue index = call.sizes(3);
    boolean isBehind = call.argument(3) instanceof Long at && at < 0;
    if (isBehind) index = call.op("Add", index, size);
    OnnxValue isThere = call.test("Equal", call.range(size), index);
    OnnxValue source = call.unsqueeze(call.tensor(1, x.dtype()), dim);
    call.result(call.where(call.along(isThere, dim, x.rank()), source, x));
  }

  /// `(x, source, dim, start, end, step)`.
  private static void sliceScatter(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(2, x.rank());
    OnnxValue start = call.isNone(3) ? call.ints(0) : call.sizes(3);
    OnnxValue end = call.isNone(4) ? call.ints(Long.MAX_VALUE) : call.sizes(4);
    long step = call.isNone(5) ? 1 : call.integer(5);
    OnnxValue places = call.slice(call.range(call.sizeOf(0, dim)), start, end, 0, step);
    OnnxValue source = call.tensor(1, x.dtype());
    OnnxValue all = call.expand(call.along(places, dim, x.rank()), call.shape(source), x.rank());
    call.result(scatterElements(call, x, all, source, dim, "none"));
  }

  /// `(x, source, offset, dim1, dim2)`.
  private static void diagonalScatter(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    if (x.rank() != 2 || call.dim(3, 2) != 0 || call.dim(4, 2) != 1) {
      throw call.refuse("diagonals of other than matrices");
    }
    long rows = call.fixedSize(0, 0);
    long columns = call.fixedSize(0, 1);
    long offset = call.integer(2);
    List<Long> places = new ArrayList<>();
    for (long row = Math.max(0, -offset); row < rows && row + offset < columns; row++) {
      places.add(row * columns + row + offset);
    }
    OnnxValue flat = call.reshape(x, -1);
    OnnxValue put =
        scatterElements(call, flat, call.graph.ints(places), call.tensor(1, x.dtype()), 0, "none");
    call.result(call.reshape(put, rows, columns));
  }
}
