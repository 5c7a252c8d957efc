package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.SourceLocation;
import dev.pantorch.jit.Value;
import dev.pantorch.jit.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One call of an operator that a {@link Lowering} says in ONNX: its arguments in the order of the
/// operator's schema, and the graph that nodes are added to.
///
/// ```java
/// Lowering twice = call -> {
///   OnnxValue x = call.tensor(0);
///   call.result(call.emit("Add", call.dtype(), call.rank(), x, x));
/// };
/// ```
public final class OperatorCall {
  private final Node node;
  private final List<@Nullable Object> arguments;
  private final GraphBuilder graph;
  private final int opset;
  private final int elements;
  @Nullable Object result;

  OperatorCall(
      Node node, List<@Nullable Object> arguments, GraphBuilder graph, int opset, int elements) {
    this.elements = elements;
    this.node = node;
    this.arguments = arguments;
    this.graph = graph;
    this.opset = opset;
  }

  /// The version of the operator set that is written.
  ///
  /// @return the version
  public int opset() {
    return opset;
  }

  // Arguments.

  /// How many arguments there are; overloads of an operator differ in it.
  ///
  /// @return the number
  public int size() {
    return arguments.size();
  }

  /// Whether an argument is None, or was left out.
  ///
  /// @param index its place
  /// @return whether it is
  public boolean isNone(int index) {
    return index >= arguments.size() || arguments.get(index) == null;
  }

  @Nullable Object argument(int index) {
    return index < arguments.size() ? arguments.get(index) : null;
  }

  /// A tensor; a number becomes a constant of one element.
  ///
  /// @param index its place
  /// @return the tensor
  public OnnxValue tensor(int index) {
    return asTensor(argument(index), null);
  }

  /// A tensor of the dtype, cast where it has another.
  ///
  /// @param index its place
  /// @param dtype the dtype
  /// @return the tensor
  public OnnxValue tensor(int index, DType dtype) {
    return cast(asTensor(argument(index), dtype), dtype);
  }

  /// A list of tensors.
  ///
  /// @param index its place
  /// @return the tensors
  public List<OnnxValue> tensors(int index) {
    if (!(argument(index) instanceof List<?> list)) throw refused(index, "a list of tensors");
    List<OnnxValue> values = new ArrayList<>();
    for (Object each : list) values.add(asTensor(each, null));
    return values;
  }

  private OnnxValue asTensor(@Nullable Object argument, @Nullable DType wanted) {
    return switch (argument) {
      case OnnxValue value -> value;
      case SizeValue size ->
          emit("Squeeze", DType.INT64, 0, Map.of(), List.of(size.value(), ints(0)));
      case Long number -> scalar(wanted == null ? DType.INT64 : wanted, number);
      case Boolean flag -> scalar(wanted == null ? DType.BOOL : wanted, flag);
      case Double number -> scalar(wanted == null ? DType.FLOAT32 : wanted, number);
      case null, default -> throw refuse("%s is no tensor".formatted(argument));
    };
  }

  /// A whole number that depends on no size.
  ///
  /// @param index its place
  /// @return the number
  public long integer(int index) {
    if (argument(index) instanceof Long number) return number;
    throw refused(index, "a constant whole number");
  }

  /// A number.
  ///
  /// @param index its place
  /// @return the number
  public double real(int index) {
    return switch (argument(index)) {
      case Double number -> number;
      case Long number -> number;
      case null, default -> throw refused(index, "a constant number");
    };
  }

  /// A boolean.
  ///
  /// @param index its place
  /// @return the boolean
  public boolean bool(int index) {
    if (argument(index) instanceof Boolean flag) return flag;
    throw refused(index, "a constant boolean");
  }

  /// A list of whole numbers that depend on no size; one number counts as a list.
  ///
  /// @param index its place
  /// @return the numbers
  public List<Long> integers(int index) {
    if (argument(index) instanceof Long number) return List.of(number);
    if (!(argument(index) instanceof List<?> list)
        || !list.stream().allMatch(Long.class::isInstance)) {
      throw refused(index, "a list of constant whole numbers");
    }
    return list.stream().map(Long.class::cast).toList();
  }

  /// A list of whole numbers, of which some may depend on sizes.
  List<?> list(int index) {
    if (argument(index) instanceof List<?> list) return list;
    throw refused(index, "a list of whole numbers");
  }

  /// A dimension, counted from 0.
  ///
  /// @param index the argument's place
  /// @param rank the number of dimensions that a negative one is counted back from
  /// @return the dimension
  public int dim(int index, int rank) {
    return normalized(integer(index), rank);
  }

  static int normalized(long dim, int rank) {
    return (int) (dim < 0 ? dim + Math.max(rank, 1) : dim);
  }

  /// Sizes or positions, of which some may depend on the inputs' sizes, as a tensor of one
  /// dimension.
  ///
  /// @param index the argument's place
  /// @return the tensor
  public OnnxValue sizes(int index) {
    Object argument = argument(index);
    return sizes(argument instanceof List<?> list ? list : Collections.singletonList(argument));
  }

  OnnxValue sizes(List<?> list) {
    if (list.stream().allMatch(Long.class::isInstance)) {
      return graph.ints(list.stream().map(Long.class::cast).toList());
    }
    List<OnnxValue> parts = new ArrayList<>();
    for (Object each : list) {
      parts.add(
          switch (each) {
            case Long number -> ints(number);
            case SizeValue size -> size.value();
            case OnnxValue value when value.rank() == 0 ->
                emit("Unsqueeze", DType.INT64, 1, cast(value, DType.INT64), ints(0));
            case null, default -> throw refuse("%s is no size".formatted(each));
          });
    }
    if (parts.size() == 1) return parts.getFirst();
    return emit("Concat", DType.INT64, 1, Map.of("axis", 0), parts);
  }

  // Results.

  /// The dtype of the operator's first result.
  ///
  /// @return the dtype
  public DType dtype() {
    DType dtype = type().dtype();
    if (dtype == null) throw refuse("the trace does not know the dtype of its result");
    return dtype;
  }

  /// The number of dimensions of the operator's first result.
  ///
  /// @return the number of dimensions
  public int rank() {
    List<@Nullable Long> sizes = type().sizes();
    if (sizes == null) throw refuse("the trace does not know the shape of its result");
    return sizes.size();
  }

  /// How many tensors the list has that the operator returns.
  int elements() {
    if (elements < 0) throw refuse("a list of which the trace does not know the length");
    return elements;
  }

  private ValueType type() {
    return node.outputs().getFirst().type();
  }

  /// The size of an argument's dimension in the example.
  long exampleSize(int index, int dim) {
    Value value = node.inputs().get(index);
    List<@Nullable Long> sizes = value.type().sizes();
    Long size = sizes == null ? null : sizes.get(dim);
    if (size == null && argument(index) instanceof OnnxValue known) {
      Tensor constant = known.constant();
      if (constant != null) return constant.size(dim);
    }
    if (size == null) throw refuse("the trace does not know the size of dimension " + dim);
    return size;
  }

  /// Ends the lowering with what the operator returns.
  ///
  /// @param values its results, one for each output
  public void result(OnnxValue... values) {
    if (values.length != node.outputs().size()) {
      throw refuse(
          "its lowering gave %d results; it has %d"
              .formatted(values.length, node.outputs().size()));
    }
    result = values.length == 1 ? values[0] : Arrays.asList(values);
  }

  /// Ends the lowering of an operator that returns a list.
  ///
  /// @param values the elements
  void listResult(List<OnnxValue> values) {
    result = values;
  }

  // Nodes.

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

  /// Adds a node with one output and attributes.
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
    return emit(operator, List.of(GraphBuilder.result(dtype, rank)), attributes, inputs).getFirst();
  }

  List<OnnxValue> emit(
      String operator,
      List<OnnxValue> outputs,
      Map<String, Object> attributes,
      List<? extends @Nullable OnnxValue> inputs) {
    return graph.node(
        operator,
        path(),
        node.kind() + at(node.source()),
        new ArrayList<>(inputs),
        outputs,
        attributes);
  }

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

  /// A constant.
  ///
  /// @param name what it is called
  /// @param tensor its elements
  /// @return the constant
  public OnnxValue constant(String name, Tensor tensor) {
    String path = path().replace('/', '.');
    return graph.constant(path.isEmpty() ? name : path.substring(1) + "." + name, tensor);
  }

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
    List<Long> axes = Arrays.stream(order).mapToObj(Long::valueOf).toList();
    if (IntStream.range(0, order.length).allMatch(i -> order[i] == i)) return value;
    Tensor constant = value.constant();
    if (constant != null) {
      return constant(
          "transposed", constant.permute(axes.stream().mapToLong(Long::longValue).toArray()));
    }
    return emit("Transpose", value.dtype(), value.rank(), Map.of("perm", axes), List.of(value));
  }

  // Refusals.

  /// An exception that names the operator, the module and the line, and says why.
  ///
  /// @param reason why the call cannot be exported
  /// @return the exception, to be thrown
  public OnnxExportException refuse(String reason) {
    return refusal(node, reason);
  }

  private OnnxExportException refused(int index, String wanted) {
    return refuse(
        "argument %d is %s; wanted %s".formatted(index, described(argument(index)), wanted));
  }

  private static String described(@Nullable Object argument) {
    if (argument instanceof SizeValue) return "computed from the inputs' sizes";
    if (argument instanceof OnnxValue) return "a tensor";
    return String.valueOf(argument);
  }

  static OnnxExportException refusal(Node node, String reason) {
    String module = node.scope().replaceFirst("^__module\\.", "");
    return new OnnxExportException(
        "%s%s%s cannot be exported to ONNX: %s"
            .formatted(
                node.kind(),
                module.isEmpty() ? "" : " in module '" + module + "'",
                at(node.source()),
                reason));
  }

  private static String at(@Nullable SourceLocation source) {
    return source == null ? "" : " at " + source;
  }

  private String path() {
    String module = node.scope().replaceFirst("^__module\\.", "");
    return module.isEmpty() ? "" : "/" + module.replace('.', '/');
  }
}
