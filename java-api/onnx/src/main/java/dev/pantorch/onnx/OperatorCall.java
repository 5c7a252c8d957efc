package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.SourceLocation;
import dev.pantorch.jit.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
public final class OperatorCall extends NodeWriter {
  private final Node node;
  private final List<@Nullable Object> arguments;
  private final Sizes sizes;
  private final Uses uses;
  @Nullable Object result;

  OperatorCall(
      Node node,
      List<@Nullable Object> arguments,
      GraphBuilder graph,
      int opset,
      Sizes sizes,
      Uses uses) {
    super(graph, opset);
    this.node = node;
    this.arguments = arguments;
    this.sizes = sizes;
    this.uses = uses;
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
    DType dtype = quantizedType();
    // Nodes compute with floats, and what they give is quantized behind them.
    return dtype.isQuantized() ? DType.FLOAT32 : dtype;
  }

  DType quantizedType() {
    DType dtype = type().dtype();
    if (dtype == null) throw refuse("the trace does not know the dtype of its result");
    return dtype;
  }

  /// The operator's name.
  String kind() {
    return node.kind();
  }

  /// The size of a dimension of a result in the example.
  long resultSize(int output, int dim) {
    long[] shape = sizes.example(node.outputs().get(output));
    if (shape == null) throw refuse("the trace does not know the shape of its result");
    return shape[dim];
  }

  /// Packed weights of a quantized layer.
  QuantizedWeight.Packed packed(int index) {
    if (argument(index) instanceof QuantizedWeight.Packed packed) return packed;
    throw refuse("weights that are packed elsewhere");
  }

  /// Packed weights of several layers.
  List<QuantizedWeight.Packed> allPacked(int index) {
    List<QuantizedWeight.Packed> all = new ArrayList<>();
    for (Object each : list(index)) {
      if (!(each instanceof QuantizedWeight.Packed packed)) {
        throw refuse("weights that are packed elsewhere");
      }
      all.add(packed);
    }
    return all;
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
    int elements = uses.elements(node);
    if (elements < 0) throw refuse("a list of which the trace does not know the length");
    return elements;
  }

  /// Whether nothing but this call takes an argument.
  boolean isOnlyUse(int index) {
    return uses.isUsedOnce(node.inputs().get(index));
  }

  /// Whether anything takes one of the operator's results.
  boolean isUsed(int output) {
    return uses.isUsed(node.outputs().get(output));
  }

  private ValueType type() {
    return node.outputs().getFirst().type();
  }

  /// The size of an argument's dimension in the example.
  long exampleSize(int index, int dim) {
    long[] shape = exampleShape(index);
    if (shape == null) throw refuse("the trace does not know the size of dimension " + dim);
    return shape[dim];
  }

  private long @Nullable [] exampleShape(int index) {
    if (argument(index) instanceof OnnxValue known) {
      Tensor constant = known.constant();
      if (constant != null) return constant.shape();
    }
    return sizes.example(node.inputs().get(index));
  }

  /// Whether an argument's dimension has the same size whatever the inputs' dynamic axes have.
  boolean isFixed(int index, int dim) {
    if (argument(index) instanceof OnnxValue known && known.constant() != null) return true;
    return sizes.isFixed(node.inputs().get(index), dim);
  }

  /// The size of an argument's dimension, which must not depend on a dynamic axis.
  long fixedSize(int index, int dim) {
    if (!isFixed(index, dim)) {
      throw refuse(
          "dimension %d of argument %d depends on a dynamic axis; it has to have a fixed size"
              .formatted(dim, index));
    }
    return exampleSize(index, dim);
  }

  /// The size of an argument's dimension as a tensor of shape (1): a constant if it is fixed.
  OnnxValue sizeOf(int index, int dim) {
    if (isFixed(index, dim)) return ints(exampleSize(index, dim));
    return shape(tensor(index), dim, dim + 1);
  }

  /// The sizes of an argument's dimensions as far as they are fixed, and at most one -1; null where
  /// more than one depends on dynamic axes.
  long @Nullable [] knownShape(int index) {
    long[] shape = exampleShape(index);
    if (shape == null) return null;
    long[] known = shape.clone();
    int unknown = 0;
    for (int dim = 0; dim < known.length; dim++) {
      if (isFixed(index, dim)) continue;
      known[dim] = -1;
      unknown++;
    }
    return unknown > 1 || (unknown == 1 && Arrays.stream(known).anyMatch(size -> size == 0))
        ? null
        : known;
  }

  /// Gives a value the shape of an argument.
  OnnxValue reshapeAs(OnnxValue value, int index) {
    long[] known = knownShape(index);
    if (known != null) return reshape(value, known);
    OnnxValue like = tensor(index);
    return reshape(value, shape(like), like.rank());
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

  @Override
  String origin() {
    return node.kind() + at(node.source());
  }

  @Override
  String path() {
    String module = node.scope().replaceFirst("^__module\\.", "");
    return module.isEmpty() ? "" : "/" + module.replace('.', '/');
  }
}
