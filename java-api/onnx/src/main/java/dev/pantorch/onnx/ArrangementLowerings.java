package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Operators that repeat, move or interleave elements.
final class ArrangementLowerings {
  private ArrangementLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::repeat", ArrangementLowerings::repeat);
    to.put("aten::tile", ArrangementLowerings::repeat);
    to.put("aten::repeat_interleave", ArrangementLowerings::interleave);
    to.put("aten::roll", ArrangementLowerings::roll);
    to.put("aten::rot90", ArrangementLowerings::rotate);
    to.put("aten::movedim", ArrangementLowerings::move);
    to.put("aten::diagonal", call -> call.result(diagonal(call, call.tensor(0), 1, 2, 3)));
    to.put(
        "aten::diag",
        call ->
            call.result(
                call.tensor(0).rank() == 1
                    ? embed(call, call.tensor(0), (int) call.integer(1))
                    : diagonal(call, call.tensor(0), 1, 4, 5)));
    to.put("aten::diag_embed", ArrangementLowerings::embedDiagonal);
    to.put(
        "aten::trace",
        call ->
            call.result(
                call.reduce(
                    "ReduceSum",
                    call.cast(diagonal(call, call.tensor(0), 1, 2, 3), call.dtype()),
                    List.of(),
                    false)));
    to.put("aten::tril", call -> triangle(call, false));
    to.put("aten::triu", call -> triangle(call, true));
    to.put("aten::meshgrid", ArrangementLowerings::grid);
    to.put("aten::unfold", ArrangementLowerings::unfold);
    to.put(
        "aten::tensor_split",
        call -> splitTensor(call, call.isNone(2) ? 0 : call.dim(2, call.tensor(0).rank())));
    to.put("aten::hsplit", call -> splitTensor(call, call.tensor(0).rank() == 1 ? 0 : 1));
    to.put("aten::vsplit", call -> splitTensor(call, 0));
    to.put("aten::dsplit", call -> splitTensor(call, 2));
    to.put("aten::diff", ArrangementLowerings::difference);
  }

  private static void repeat(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    List<Object> repeats = new ArrayList<>(call.list(1));
    while (repeats.size() < x.rank()) repeats.addFirst(1L);
    int more = repeats.size() - x.rank();
    if (more > 0) x = call.unsqueeze(x, LongStream.range(0, more).toArray());
    call.result(call.op("Tile", x, call.sizes(repeats)));
  }

  /// `(x, repeats, dim, outputSize)` and `(repeats, outputSize)`.
  private static void interleave(OperatorCall call) {
    if (call.size() < 3) throw call.refuse("the form with repeats alone");
    OnnxValue x = call.tensor(0);
    int dim = 0;
    if (call.isNone(2)) {
      x = call.reshape(x, -1);
    } else {
      dim = call.dim(2, x.rank());
    }
    if (call.argument(1) instanceof OnnxValue repeats && repeats.rank() > 0) {
      call.result(call.gather(x, places(call, call.cast(repeats, DType.INT64)), dim));
      return;
    }
    // Each element in a row of its own, as often as it shall be there, and the rows one after
    // another.
    List<Object> times = new ArrayList<>(Collections.nCopies(x.rank() + 1, 1L));
    times.set(dim + 1, call.argument(1));
    OnnxValue rows = call.op("Tile", call.unsqueeze(x, dim + 1), call.sizes(times));
    List<OnnxValue> sizes = new ArrayList<>();
    for (int i = 0; i < dim; i++) sizes.add(call.ints(0));
    sizes.add(call.ints(-1));
    for (int i = dim + 1; i < x.rank(); i++) sizes.add(call.sizeOf(0, i));
    call.result(call.reshape(rows, call.concat(0, sizes), x.rank()));
  }

  /// Which element stands where, if each is there as often as `repeats` says.
  private static OnnxValue places(OperatorCall call, OnnxValue repeats) {
    OnnxValue total = call.reduce("ReduceSum", repeats, 0, true);
    OnnxValue ends = call.emit("CumSum", DType.INT64, 1, repeats, call.scalar(DType.INT64, 0L));
    OnnxValue behind = call.test("GreaterOrEqual", call.unsqueeze(call.range(total), 1), ends);
    return call.reduce("ReduceSum", call.cast(behind, DType.INT64), 1, false);
  }

  /// `(x, shifts, dims)`.
  private static void roll(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    List<?> shifts = call.list(1);
    List<Long> dims = call.integers(2);
    if (dims.isEmpty()) {
      OnnxValue flat = call.reshape(x, -1);
      OnnxValue count = call.shape(flat);
      OnnxValue rolled = call.gather(flat, rolled(call, count, shifts.getFirst()), 0);
      call.result(call.reshapeAs(rolled, 0));
      return;
    }
    for (int i = 0; i < dims.size(); i++) {
      int dim = OperatorCall.normalized(dims.get(i), x.rank());
      x = call.gather(x, rolled(call, call.sizeOf(0, dim), shifts.get(i)), dim);
    }
    call.result(x);
  }

  private static OnnxValue rolled(OperatorCall call, OnnxValue count, Object shift) {
    OnnxValue moved = call.op("Sub", call.range(count), call.sizes(List.of(shift)));
    Tensor known = moved.constant();
    Tensor size = count.constant();
    if (known != null && size != null) {
      return call.constant("positions", known.remainder(size));
    }
    return call.op("Mod", moved, count);
  }

  /// `(x, k, dims)`.
  private static void rotate(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int first = OperatorCall.normalized(call.integers(2).get(0), x.rank());
    int second = OperatorCall.normalized(call.integers(2).get(1), x.rank());
    int turns = Math.floorMod(call.integer(1), 4);
    call.result(
        switch (turns) {
          case 1 -> call.swap(reversed(call, x, second), first, second);
          case 2 -> reversed(call, reversed(call, x, first), second);
          case 3 -> reversed(call, call.swap(x, first, second), second);
          default -> x;
        });
  }

  private static OnnxValue reversed(OperatorCall call, OnnxValue x, int dim) {
    return call.slice(x, call.ints(-1), call.ints(Long.MIN_VALUE + 1), dim, -1);
  }

  private static void move(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int rank = x.rank();
    List<Integer> from =
        call.integers(1).stream().map(d -> OperatorCall.normalized(d, rank)).toList();
    List<Integer> to =
        call.integers(2).stream().map(d -> OperatorCall.normalized(d, rank)).toList();
    Integer[] order = new Integer[rank];
    for (int i = 0; i < from.size(); i++) order[to.get(i)] = from.get(i);
    var left = IntStream.range(0, rank).filter(dim -> !from.contains(dim)).iterator();
    for (int i = 0; i < rank; i++) if (order[i] == null) order[i] = left.next();
    call.result(call.transpose(x, Arrays.stream(order).mapToInt(Integer::intValue).toArray()));
  }

  /// The diagonal as last dimension; the arguments' places say which. Where there is no such
  /// argument, dimensions 0 and 1.
  private static OnnxValue diagonal(
      OperatorCall call, OnnxValue x, int offsetAt, int firstAt, int secondAt) {
    long offset = call.isNone(offsetAt) ? 0 : call.integer(offsetAt);
    int first = call.isNone(firstAt) ? 0 : call.dim(firstAt, x.rank());
    int second = call.isNone(secondAt) ? 1 : call.dim(secondAt, x.rank());
    long rows = call.fixedSize(0, first);
    long columns = call.fixedSize(0, second);
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    order.removeAll(List.of(first, second));
    order.addAll(List.of(first, second));
    OnnxValue last = call.transpose(x, order.stream().mapToInt(Integer::intValue).toArray());
    List<Long> places = new ArrayList<>();
    for (long row = Math.max(0, -offset); row < rows && row + offset < columns; row++) {
      places.add(row * columns + row + offset);
    }
    List<Long> sizes = new ArrayList<>(Collections.nCopies(x.rank() - 2, 0L));
    sizes.add(rows * columns);
    OnnxValue flat = call.reshape(last, sizes.stream().mapToLong(Long::longValue).toArray());
    return call.gather(flat, call.graph.ints(places), x.rank() - 2);
  }

  /// Matrices whose diagonals are the last dimension.
  private static OnnxValue embed(OperatorCall call, OnnxValue x, int offset) {
    long size = call.fixedSize(0, x.rank() - 1) + Math.abs(offset);
    OnnxValue wide = call.unsqueeze(x, offset >= 0 ? x.rank() : x.rank() - 1);
    if (offset != 0) {
      long[] pads = new long[2 * wide.rank()];
      pads[offset > 0 ? 2 * wide.rank() - 2 : 2 * wide.rank() - 1] = Math.abs(offset);
      wide = call.op("Pad", wide, call.ints(pads));
    }
    Tensor eye = Torch.ones(size, size).triu(offset).tril(offset).to(DType.BOOL);
    return call.where(call.constant("diagonal", eye), wide, call.number(x, 0));
  }

  /// `(x, offset, dim1, dim2)`.
  private static void embedDiagonal(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int rank = x.rank() + 1;
    int first = call.dim(2, rank);
    int second = call.dim(3, rank);
    int offset = (int) call.integer(1);
    if (first > second) {
      int other = first;
      first = second;
      second = other;
      offset = -offset;
    }
    OnnxValue last = embed(call, x, offset);
    List<Integer> order = new ArrayList<>(IntStream.range(0, rank - 2).boxed().toList());
    order.add(first, rank - 2);
    order.add(second, rank - 1);
    call.result(call.transpose(last, order.stream().mapToInt(Integer::intValue).toArray()));
  }

  private static void triangle(OperatorCall call, boolean isUpper) {
    OnnxValue x = call.tensor(0);
    OnnxValue diagonal = call.emit("Squeeze", DType.INT64, 0, call.sizes(1), call.ints(0));
    call.result(
        call.emit("Trilu", x.dtype(), x.rank(), Map.of("upper", isUpper), List.of(x, diagonal)));
  }

  /// `(tensors, indexing)`.
  private static void grid(OperatorCall call) {
    List<OnnxValue> tensors = call.tensors(0);
    boolean isSwapped = "xy".equals(call.argument(1)) && tensors.size() > 1;
    int rank = tensors.size();
    List<OnnxValue> sizes = new ArrayList<>();
    for (OnnxValue each : tensors) sizes.add(each.rank() == 0 ? call.ints(1) : call.shape(each));
    if (isSwapped) Collections.swap(sizes, 0, 1);
    OnnxValue shape = call.concat(0, sizes);
    List<OnnxValue> results = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int axis = isSwapped && i < 2 ? 1 - i : i;
      OnnxValue each = tensors.get(i);
      OnnxValue vector = each.rank() == 0 ? call.reshape(each, 1) : each;
      results.add(call.expand(call.along(vector, axis, rank), shape, rank));
    }
    call.listResult(results);
  }

  /// `(x, dim, size, step)`: windows, whose elements are the last dimension.
  private static void unfold(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(1, x.rank());
    long size = call.integer(2);
    OnnxValue count = call.op("Sub", call.sizeOf(0, dim), call.ints(size - 1));
    OnnxValue starts = call.range(count);
    long step = call.integer(3);
    if (step != 1) {
      starts = call.slice(starts, call.ints(0), call.ints(Long.MAX_VALUE), 0, step);
    }
    OnnxValue places = call.op("Add", call.unsqueeze(starts, 1), call.range(call.ints(size)));
    OnnxValue windows = call.gather(x, places, dim);
    call.result(call.move(windows, dim + 1, x.rank()));
  }

  /// `(x, sections or ends, dim)`.
  private static void splitTensor(OperatorCall call, int dim) {
    OnnxValue x = call.tensor(0);
    List<OnnxValue> parts = new ArrayList<>();
    if (call.argument(1) instanceof Long sections) {
      long size = call.fixedSize(0, dim);
      long[] sizes = new long[sections.intValue()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = size / sections + (i < size % sections ? 1 : 0);
      }
      call.listResult(call.split(x, sizes.length, Map.of("axis", dim), call.ints(sizes)));
      return;
    }
    OnnxValue start = call.ints(0);
    for (Object end : call.list(1)) {
      OnnxValue at = call.sizes(List.of(end));
      parts.add(call.slice(x, start, at, dim, 1));
      start = at;
    }
    parts.add(call.slice(x, start, call.ints(Long.MAX_VALUE), dim, 1));
    call.listResult(parts);
  }

  /// `(x, n, dim, prepend, append)`.
  private static void difference(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(2, x.rank());
    List<OnnxValue> parts = new ArrayList<>();
    if (!call.isNone(3)) parts.add(call.tensor(3, x.dtype()));
    parts.add(x);
    if (!call.isNone(4)) parts.add(call.tensor(4, x.dtype()));
    x = call.concat(dim, parts);
    for (long i = 0; i < call.integer(1); i++) {
      OnnxValue later = call.slice(x, 1, Long.MAX_VALUE, dim);
      OnnxValue earlier = call.slice(x, 0, -1, dim);
      x =
          x.dtype() == DType.BOOL
              ? call.test("Xor", later, earlier)
              : call.op("Sub", later, earlier);
    }
    call.result(x);
  }
}
