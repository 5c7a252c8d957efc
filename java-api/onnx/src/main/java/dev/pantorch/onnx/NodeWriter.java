package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Adds nodes to the graph in the name of one operator of PyTorch's: ONNX's by name, and those that
/// many lowerings need.
abstract sealed class NodeWriter permits OperatorCall {
  private static final int AXES_AS_INPUT_SINCE = 18;

  final GraphBuilder graph;
  final int opset;

  NodeWriter(GraphBuilder graph, int opset) {
    this.graph = graph;
    this.opset = opset;
  }

  /// The path of the module, `/lstm`.
  abstract String path();

  /// The operator and the line that called it.
  abstract String origin();

  /// The version of the operator set that is written.
  ///
  /// @return the version
  public int opset() {
    return opset;
  }

  // Nodes by name.

  /// Adds a node with one output.
  ///
  /// @param operator ONNX's operator
  /// @param dtype the output's dtype
  /// @param rank the output's number of dimensions
  /// @param inputs the inputs, null for one left out
  /// @return the output
  public OnnxValue emit(String operator, DType dtype, int rank, @Nullable OnnxValue... inputs) {
    return emit(operator, dtype, rank, Map.of(), Arrays.asList(inputs));
  }

  /// Adds a node with one output and attributes. Where all inputs are constants, what it would
  /// compute may be computed here, and is another constant.
  ///
  /// @param operator ONNX's operator
  /// @param dtype the output's dtype
  /// @param rank the output's number of dimensions
  /// @param attributes numbers, booleans, strings, tensors, lists of longs or strings
  /// @param inputs the inputs, null for one left out
  /// @return the output
  public OnnxValue emit(
      String operator,
      DType dtype,
      int rank,
      Map<String, Object> attributes,
      List<? extends @Nullable OnnxValue> inputs) {
    Tensor folded = NodeFolding.fold(operator, dtype, attributes, inputs);
    if (folded != null) return constant("folded", folded);
    return emit(operator, List.of(GraphBuilder.result(dtype, rank)), attributes, inputs).getFirst();
  }

  /// Floats of constant halves, which are kept as such: they save room in the file, and there are
  /// no kernels that compute with them.
  OnnxValue floats(OnnxValue halves) {
    List<OnnxValue> outputs = List.of(GraphBuilder.result(DType.FLOAT32, halves.rank()));
    Map<String, Object> to = Map.of("to", OnnxTypes.code(DType.FLOAT32));
    return emit("Cast", outputs, to, List.of(halves)).getFirst();
  }

  List<OnnxValue> emit(
      String operator,
      List<OnnxValue> outputs,
      Map<String, Object> attributes,
      List<? extends @Nullable OnnxValue> inputs) {
    return graph.node(operator, path(), origin(), new ArrayList<>(inputs), outputs, attributes);
  }

  /// A node of the first input's dtype, and as many dimensions as the input that has most.
  OnnxValue op(String operator, OnnxValue... inputs) {
    return emit(operator, inputs[0].dtype(), rank(inputs), inputs);
  }

  /// A node like those of `op`, with attributes.
  OnnxValue op(String operator, Map<String, Object> attributes, OnnxValue... inputs) {
    return emit(operator, inputs[0].dtype(), rank(inputs), attributes, Arrays.asList(inputs));
  }

  /// A node that compares, or combines truth values.
  OnnxValue test(String operator, OnnxValue... inputs) {
    return emit(operator, DType.BOOL, rank(inputs), inputs);
  }

  OnnxValue where(OnnxValue condition, OnnxValue yes, OnnxValue no) {
    return emit("Where", yes.dtype(), rank(condition, yes, no), condition, yes, no);
  }

  private static int rank(OnnxValue... inputs) {
    return Arrays.stream(inputs).mapToInt(OnnxValue::rank).max().orElse(0);
  }

  // Constants.

  /// A constant whole-number tensor of one dimension.
  ///
  /// @param values its elements
  /// @return the constant
  public OnnxValue ints(long... values) {
    return graph.ints(Arrays.stream(values).boxed().toList());
  }

  /// A constant of one element.
  ///
  /// @param dtype its dtype
  /// @param value a `Long`, `Double` or `Boolean`
  /// @return the constant
  public OnnxValue scalar(DType dtype, Object value) {
    return graph.scalar(dtype, value);
  }

  /// A number of another value's dtype.
  OnnxValue number(OnnxValue like, double value) {
    DType dtype = like.dtype();
    return dtype.isFloatingPoint() ? scalar(dtype, value) : scalar(dtype, (long) value);
  }

  /// A constant.
  ///
  /// @param name what it is called
  /// @param tensor its elements
  /// @return the constant
  public OnnxValue constant(String name, Tensor tensor) {
    String path = path().replace('/', '.');
    return graph.constant(path.isEmpty() ? name : path.substring(1) + "." + name, tensor);
  }

  // Dtypes and shapes.

  /// A tensor in another dtype; itself if it has it.
  ///
  /// @param value the tensor
  /// @param dtype the dtype
  /// @return the tensor of that dtype
  public OnnxValue cast(OnnxValue value, DType dtype) {
    if (value.dtype() == dtype) return value;
    return emit("Cast", dtype, value.rank(), Map.of("to", OnnxTypes.code(dtype)), List.of(value));
  }

  OnnxValue transpose(OnnxValue value, int... order) {
    if (IntStream.range(0, order.length).allMatch(i -> order[i] == i)) return value;
    List<Long> axes = Arrays.stream(order).mapToObj(Long::valueOf).toList();
    return op("Transpose", Map.of("perm", axes), value);
  }

  /// The value with two dimensions exchanged.
  OnnxValue swap(OnnxValue value, int first, int second) {
    int[] order = IntStream.range(0, value.rank()).toArray();
    order[first] = second;
    order[second] = first;
    return transpose(value, order);
  }

  /// The value with a dimension at another place.
  OnnxValue move(OnnxValue value, int from, int to) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, value.rank()).boxed().toList());
    order.add(to, order.remove(/* index */ from));
    return transpose(value, order.stream().mapToInt(Integer::intValue).toArray());
  }

  /// The value with new dimensions of size 1, which are at these places then.
  OnnxValue unsqueeze(OnnxValue value, long... axes) {
    return emit("Unsqueeze", value.dtype(), value.rank() + axes.length, value, ints(axes));
  }

  OnnxValue squeeze(OnnxValue value, long... axes) {
    return emit("Squeeze", value.dtype(), value.rank() - axes.length, value, ints(axes));
  }

  /// The value in another shape: -1 is found out, 0 stays as it is.
  OnnxValue reshape(OnnxValue value, long... sizes) {
    return emit("Reshape", value.dtype(), sizes.length, value, ints(sizes));
  }

  /// The value in a shape that is computed.
  OnnxValue reshape(OnnxValue value, OnnxValue sizes, int rank) {
    return emit("Reshape", value.dtype(), rank, value, sizes);
  }

  /// The value with one dimension along `axis` of as many as there shall be, for broadcasting.
  OnnxValue along(OnnxValue vector, int axis, int rank) {
    if (rank == 1) return vector;
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[axis] = -1;
    return reshape(vector, sizes);
  }

  OnnxValue expand(OnnxValue value, OnnxValue sizes, int rank) {
    return emit("Expand", value.dtype(), rank, value, sizes);
  }

  OnnxValue shape(OnnxValue value) {
    return emit("Shape", DType.INT64, 1, value);
  }

  /// The sizes of some dimensions, of shape (`to` - `from`).
  OnnxValue shape(OnnxValue value, int from, int to) {
    return emit("Shape", DType.INT64, 1, Map.of("start", from, "end", to), List.of(value));
  }

  OnnxValue concat(int axis, List<OnnxValue> values) {
    if (values.size() == 1) return values.getFirst();
    return emit(
        "Concat",
        values.getFirst().dtype(),
        values.getFirst().rank(),
        Map.of("axis", axis),
        values);
  }

  OnnxValue slice(OnnxValue x, OnnxValue start, OnnxValue end, int dim, long step) {
    OnnxValue steps = step == 1 ? null : ints(step);
    return emit("Slice", x.dtype(), x.rank(), x, start, end, ints(dim), steps);
  }

  OnnxValue slice(OnnxValue x, long start, long end, int dim) {
    return slice(x, ints(start), ints(end), dim, 1);
  }

  OnnxValue gather(OnnxValue x, OnnxValue positions, int axis) {
    int rank = x.rank() - 1 + positions.rank();
    return emit("Gather", x.dtype(), rank, Map.of("axis", axis), List.of(x, positions));
  }

  /// Whole numbers from 0 on, as many as `count`, of shape (1), says.
  OnnxValue range(OnnxValue count) {
    OnnxValue zero = scalar(DType.INT64, 0L);
    return emit("Range", DType.INT64, 1, zero, squeeze(count, 0), scalar(DType.INT64, 1L));
  }

  List<OnnxValue> split(
      OnnxValue x, int parts, Map<String, Object> attributes, @Nullable OnnxValue sizes) {
    List<OnnxValue> outputs = new ArrayList<>();
    for (int i = 0; i < parts; i++) outputs.add(GraphBuilder.result(x.dtype(), x.rank()));
    List<OnnxValue> inputs = sizes == null ? List.of(x) : List.of(x, sizes);
    return emit("Split", outputs, attributes, inputs);
  }

  // Reductions.

  /// Reduces dimensions; all of them where none is named.
  OnnxValue reduce(String operator, OnnxValue x, List<Long> dims, boolean keep) {
    Map<String, Object> attributes = new HashMap<>(Map.of("keepdims", keep));
    List<OnnxValue> inputs = new ArrayList<>(List.of(x));
    List<Long> axes =
        dims.stream().map(dim -> (long) OperatorCall.normalized(dim, x.rank())).toList();
    if (!axes.isEmpty() && x.rank() > 0) {
      if (operator.equals("ReduceSum") || opset >= AXES_AS_INPUT_SINCE) {
        inputs.add(graph.ints(axes));
      } else {
        attributes.put("axes", axes);
      }
    }
    int removed = keep ? 0 : axes.isEmpty() ? x.rank() : axes.size();
    return emit(operator, x.dtype(), Math.max(0, x.rank() - removed), attributes, inputs);
  }

  OnnxValue reduce(String operator, OnnxValue x, int dim, boolean keep) {
    return reduce(operator, x, Collections.singletonList((long) dim), keep);
  }
}
