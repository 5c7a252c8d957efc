package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Operators that arrange elements anew, or pick some.
final class ShapeLowerings {
  private static final int SPLIT_BY_NUMBER_SINCE = 18;
  private static final List<String> IDENTITIES =
      List.of("contiguous", "clone", "detach", "alias", "lift_fresh", "lift_fresh_copy");

  private ShapeLowerings() {}

  static void register(Map<String, Lowering> to) {
    for (String name : IDENTITIES) {
      to.put("aten::" + name, call -> call.result(call.tensor(0)));
    }
    for (String name :
        List.of("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout")) {
      to.put(
          "aten::" + name,
          call -> {
            if (call.bool(2)) throw call.refuse("dropout that is active in eval mode");
            call.result(call.tensor(0));
          });
    }
    to.put("aten::to", call -> call.result(call.cast(call.tensor(0), call.dtype())));
    to.put("aten::type_as", call -> call.result(call.cast(call.tensor(0), call.dtype())));
    for (String name : List.of("view", "reshape", "_unsafe_view")) {
      to.put(
          "aten::" + name,
          call -> {
            call.result(reshape(call, call.tensor(0), call.list(1), call.rank()));
          });
    }
    to.put("aten::flatten", ShapeLowerings::flatten);
    to.put("aten::unflatten", ShapeLowerings::unflatten);
    to.put(
        "aten::transpose",
        call -> {
          int rank = call.rank();
          OnnxValue x = call.tensor(0);
          call.result(rank == 0 ? x : call.swap(x, call.dim(1, rank), call.dim(2, rank)));
        });
    to.put(
        "aten::t",
        call ->
            call.result(call.rank() < 2 ? call.tensor(0) : call.transpose(call.tensor(0), 1, 0)));
    to.put(
        "aten::permute",
        call -> {
          int rank = call.rank();
          int[] order =
              call.integers(1).stream().mapToInt(d -> OperatorCall.normalized(d, rank)).toArray();
          call.result(call.transpose(call.tensor(0), order));
        });
    to.put(
        "aten::unsqueeze",
        call ->
            call.result(
                call.emit(
                    "Unsqueeze",
                    call.dtype(),
                    call.rank(),
                    call.tensor(0),
                    call.ints(call.dim(1, call.rank())))));
    to.put("aten::squeeze", ShapeLowerings::squeeze);
    to.put(
        "aten::cat",
        call -> {
          List<OnnxValue> parts =
              call.tensors(0).stream().map(part -> call.cast(part, call.dtype())).toList();
          if (parts.stream().anyMatch(part -> part.rank() != call.rank())) {
            throw call.refuse("tensors of different numbers of dimensions");
          }
          Map<String, Object> axis = Map.of("axis", call.dim(1, call.rank()));
          call.result(call.emit("Concat", call.dtype(), call.rank(), axis, parts));
        });
    to.put(
        "aten::stack",
        call -> {
          int dim = call.dim(1, call.rank());
          List<OnnxValue> parts = new ArrayList<>();
          for (OnnxValue part : call.tensors(0)) {
            OnnxValue same = call.cast(part, call.dtype());
            parts.add(call.emit("Unsqueeze", call.dtype(), call.rank(), same, call.ints(dim)));
          }
          call.result(call.emit("Concat", call.dtype(), call.rank(), Map.of("axis", dim), parts));
        });
    to.put(
        "aten::select",
        call -> {
          OnnxValue x = call.tensor(0);
          Map<String, Object> axis = Map.of("axis", call.dim(1, x.rank()));
          call.result(
              call.emit("Gather", x.dtype(), x.rank() - 1, axis, List.of(x, call.tensor(2))));
        });
    to.put(
        "aten::index_select",
        call -> {
          OnnxValue x = call.tensor(0);
          Map<String, Object> axis = Map.of("axis", call.dim(1, x.rank()));
          call.result(
              call.emit("Gather", x.dtype(), call.rank(), axis, List.of(x, call.tensor(2))));
        });
    to.put(
        "aten::gather",
        call -> {
          OnnxValue x = call.tensor(0);
          Map<String, Object> axis = Map.of("axis", call.dim(1, x.rank()));
          call.result(
              call.emit(
                  "GatherElements", x.dtype(), call.rank(), axis, List.of(x, call.tensor(2))));
        });
    to.put("aten::slice", ShapeLowerings::slice);
    to.put(
        "aten::narrow",
        call -> {
          OnnxValue start = call.sizes(2);
          boolean isToEnd =
              call.argument(2) instanceof Long from
                  && call.argument(3) instanceof Long length
                  && from < 0
                  && from + length == 0;
          OnnxValue end =
              isToEnd ? call.ints(Long.MAX_VALUE) : call.op("Add", start, call.sizes(3));
          call.result(call.slice(call.tensor(0), start, end, call.dim(1, call.rank()), 1));
        });
    to.put("aten::expand", call -> expand(call, call.list(1)));
    to.put("aten::chunk", ShapeLowerings::chunk);
    to.put("aten::split", ShapeLowerings::split);
    to.put("aten::split_with_sizes", ShapeLowerings::split);
    to.put(
        "aten::unbind",
        call -> {
          OnnxValue x = call.tensor(0);
          int dim = call.dim(1, x.rank());
          List<OnnxValue> parts = new ArrayList<>();
          for (long i = 0; i < call.elements(); i++) {
            parts.add(
                call.emit(
                    "Gather",
                    x.dtype(),
                    x.rank() - 1,
                    Map.of("axis", dim),
                    List.of(x, call.scalar(DType.INT64, i))));
          }
          call.listResult(parts);
        });
    to.put(
        "aten::flip",
        call -> {
          OnnxValue x = call.tensor(0);
          for (long each : call.integers(1)) {
            int dim = OperatorCall.normalized(each, x.rank());
            x = flip(call, x, dim);
          }
          call.result(x);
        });
    to.put("aten::fliplr", call -> call.result(flip(call, call.tensor(0), 1)));
    to.put("aten::flipud", call -> call.result(flip(call, call.tensor(0), 0)));
    to.put(
        "aten::expand_as",
        call -> call.result(call.expand(call.tensor(0), call.shape(call.tensor(1)), call.rank())));
    to.put("aten::broadcast_to", call -> expand(call, call.list(1)));
    to.put("aten::broadcast_tensors", ShapeLowerings::broadcast);
    for (String name : List.of("view_as", "reshape_as")) {
      to.put("aten::" + name, call -> call.result(call.reshapeAs(call.tensor(0), 1)));
    }
    to.put("aten::ravel", call -> call.result(call.reshape(call.tensor(0), -1)));
    for (String name : List.of("numpy_T", "mT", "mH", "matrix_H")) {
      boolean isWhole = name.equals("numpy_T");
      to.put("aten::" + name, call -> call.result(turned(call, isWhole)));
    }
    for (String name : List.of("hstack", "vstack", "dstack", "column_stack")) {
      to.put("aten::" + name, call -> stack(call, name));
    }
    to.put("aten::unsafe_chunk", ShapeLowerings::chunk);
    to.put("aten::unsafe_split", ShapeLowerings::split);
    to.put("aten::unsafe_split_with_sizes", ShapeLowerings::split);
  }

  /// One size that depends on the inputs is left to be found out.
  static OnnxValue reshape(OperatorCall call, OnnxValue x, List<?> sizes, int rank) {
    long unknown = sizes.stream().filter(size -> !(size instanceof Long)).count();
    boolean isFree = sizes.contains(-1L);
    List<?> wanted = sizes;
    if (unknown == 1 && !isFree && !sizes.contains(0L)) {
      wanted =
          sizes.stream()
              .map(size -> size instanceof Long number ? number : Long.valueOf(-1))
              .toList();
      isFree = true;
    }
    Map<String, Object> attributes = new HashMap<>();
    if (!isFree) attributes.put("allowzero", 1);
    if (isFree && sizes.contains(0L)) throw call.refuse("sizes 0 and -1 at once");
    return call.emit("Reshape", x.dtype(), rank, attributes, List.of(x, call.sizes(wanted)));
  }

  private static void flatten(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int from = call.dim(1, x.rank());
    int to = call.dim(2, x.rank());
    if (x.rank() > 0 && from == to) {
      call.result(x);
      return;
    }
    // 0 copies the input's size at the same place.
    List<Long> sizes = new ArrayList<>(Collections.nCopies(from, 0L));
    sizes.add(-1L);
    if (to == x.rank() - 1 || x.rank() == 0) {
      long[] all = sizes.stream().mapToLong(Long::longValue).toArray();
      call.result(call.emit("Reshape", x.dtype(), call.rank(), x, call.ints(all)));
      return;
    }
    OnnxValue head = call.ints(sizes.stream().mapToLong(Long::longValue).toArray());
    OnnxValue tail = call.emit("Shape", DType.INT64, 1, Map.of("start", to + 1), List.of(x));
    OnnxValue all = call.emit("Concat", DType.INT64, 1, Map.of("axis", 0), List.of(head, tail));
    call.result(call.emit("Reshape", x.dtype(), call.rank(), x, all));
  }

  private static void unflatten(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(1, x.rank());
    List<Object> sizes = new ArrayList<>(Collections.nCopies(dim, 0L));
    sizes.addAll(call.list(2));
    OnnxValue head = call.sizes(sizes);
    if (dim < x.rank() - 1) {
      OnnxValue tail = call.emit("Shape", DType.INT64, 1, Map.of("start", dim + 1), List.of(x));
      head = call.emit("Concat", DType.INT64, 1, Map.of("axis", 0), List.of(head, tail));
    }
    call.result(call.emit("Reshape", x.dtype(), call.rank(), x, head));
  }

  private static void squeeze(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    List<Long> dims = new ArrayList<>();
    List<Long> named =
        call.size() > 1 ? call.integers(1) : LongStream.range(0, x.rank()).boxed().toList();
    for (long each : named) {
      int dim = OperatorCall.normalized(each, x.rank());
      if (x.rank() == 0 || call.exampleSize(0, dim) != 1) continue;
      if (!call.isFixed(0, dim)) {
        throw call.refuse(
            "dimension %d has size 1 in the example, and depends on a dynamic axis".formatted(dim));
      }
      dims.add((long) dim);
    }
    if (dims.isEmpty()) {
      call.result(x);
      return;
    }
    long[] axes = dims.stream().mapToLong(Long::longValue).toArray();
    call.result(call.emit("Squeeze", x.dtype(), call.rank(), x, call.ints(axes)));
  }

  private static void slice(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    boolean fromStart = call.isNone(2) || Long.valueOf(0).equals(call.argument(2));
    boolean toEnd = call.isNone(3) || Long.valueOf(Long.MAX_VALUE).equals(call.argument(3));
    long step = call.isNone(4) ? 1 : call.integer(4);
    if (fromStart && toEnd && step == 1) {
      call.result(x);
      return;
    }
    OnnxValue start = call.isNone(2) ? call.ints(0) : call.sizes(2);
    OnnxValue end = toEnd ? call.ints(Long.MAX_VALUE) : call.sizes(3);
    call.result(call.slice(x, start, end, call.dim(1, x.rank()), step));
  }

  private static OnnxValue flip(OperatorCall call, OnnxValue x, int dim) {
    return call.slice(x, call.ints(-1), call.ints(Long.MIN_VALUE + 1), dim, -1);
  }

  /// The last two dimensions exchanged, or all of them in reverse.
  private static OnnxValue turned(OperatorCall call, boolean isWhole) {
    OnnxValue x = call.tensor(0);
    int rank = x.rank();
    if (!isWhole) return rank < 2 ? x : call.swap(x, rank - 2, rank - 1);
    return call.transpose(x, IntStream.range(0, rank).map(dim -> rank - 1 - dim).toArray());
  }

  private static void broadcast(OperatorCall call) {
    List<OnnxValue> tensors = call.tensors(0);
    int rank = tensors.stream().mapToInt(OnnxValue::rank).max().orElse(0);
    List<OnnxValue> results = new ArrayList<>();
    for (OnnxValue each : tensors) {
      OnnxValue result = each;
      for (OnnxValue other : tensors) {
        if (!other.equals(each)) result = call.expand(result, call.shape(other), rank);
      }
      results.add(result);
    }
    call.listResult(results);
  }

  /// Tensors side by side, each with at least so many dimensions.
  private static void stack(OperatorCall call, String name) {
    List<OnnxValue> parts = new ArrayList<>();
    for (OnnxValue part : call.tensors(0)) {
      OnnxValue same = call.cast(part, call.dtype());
      parts.add(
          switch (name) {
            case "vstack" -> same.rank() < 2 ? call.reshape(same, 1, -1) : same;
            case "dstack" ->
                same.rank() < 2
                    ? call.reshape(same, 1, -1, 1)
                    : same.rank() == 2 ? call.unsqueeze(same, 2) : same;
            case "column_stack" -> same.rank() < 2 ? call.reshape(same, -1, 1) : same;
            default -> same.rank() < 1 ? call.reshape(same, 1) : same;
          });
    }
    int axis =
        switch (name) {
          case "vstack" -> 0;
          case "dstack" -> 2;
          case "column_stack" -> 1;
          default -> parts.getFirst().rank() == 1 ? 0 : 1;
        };
    call.result(call.concat(axis, parts));
  }

  private static void expand(OperatorCall call, List<?> sizes) {
    // Expand takes 1 for what stays as it is.
    List<?> wanted =
        sizes.stream().map(size -> Long.valueOf(-1).equals(size) ? (Object) 1L : size).toList();
    call.result(call.emit("Expand", call.dtype(), call.rank(), call.tensor(0), call.sizes(wanted)));
  }

  private static void chunk(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(2, x.rank());
    int parts = call.elements();
    if (call.isFixed(0, dim)) {
      long size = call.exampleSize(0, dim);
      long each = Math.ceilDiv(size, call.integer(1));
      long[] sizes = new long[parts];
      for (int i = 0; i < parts; i++) sizes[i] = Math.min(each, size - i * each);
      call.listResult(call.split(x, parts, Map.of("axis", dim), call.ints(sizes)));
    } else if (call.opset() < SPLIT_BY_NUMBER_SINCE) {
      long size = call.exampleSize(0, dim);
      if (size % parts != 0) {
        throw call.refuse("unequal chunks, which opset %d has".formatted(SPLIT_BY_NUMBER_SINCE));
      }
      // Without sizes the parts are equal.
      call.listResult(call.split(x, parts, Map.of("axis", dim), null));
    } else {
      call.listResult(call.split(x, parts, Map.of("axis", dim, "num_outputs", parts), null));
    }
  }

  private static void split(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    int dim = call.dim(2, x.rank());
    int parts = call.elements();
    OnnxValue sizes;
    if (call.argument(1) instanceof Long size) {
      // The last part is what is left over; how many parts there are is the trace's to say.
      long rest = call.fixedSize(0, dim) - size * (parts - 1);
      List<Long> all = new ArrayList<>(Collections.nCopies(parts - 1, size));
      all.add(rest);
      sizes = call.sizes(all);
    } else {
      sizes = call.sizes(1);
    }
    call.listResult(call.split(x, parts, Map.of("axis", dim), sizes));
  }
}
