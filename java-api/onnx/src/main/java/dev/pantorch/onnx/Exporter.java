package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.jit.Graph;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.jit.Value;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One export: traces the module and goes through its graph.
final class Exporter {
  private static final int OLDEST_OPSET = 17;

  /// The file format's version that came with that one; every second opset has a new one.
  private static final int OLDEST_IR_VERSION = 8;

  /// What shares its elements with its input, so that an in-place change of one is one of the
  /// other.
  private static final Set<String> ALIASES =
      Set.of(
          "view",
          "reshape",
          "transpose",
          "permute",
          "t",
          "select",
          "slice",
          "narrow",
          "unsqueeze",
          "squeeze",
          "expand",
          "expand_as",
          "flatten",
          "unflatten",
          "chunk",
          "split",
          "split_with_sizes",
          "unbind",
          "contiguous",
          "detach",
          "to",
          "type_as",
          "alias",
          "dropout",
          "feature_dropout",
          "view_as",
          "reshape_as");

  private final Module module;
  private final List<Tensor> inputs;
  private final OnnxOptions options;
  private final GraphBuilder graph = new GraphBuilder();
  private final Map<Long, @Nullable Object> values = new HashMap<>();
  private final Map<String, Object> known = new HashMap<>();
  private final Map<Long, Integer> lengths = new HashMap<>();
  private final Map<Long, List<Long>> same = new HashMap<>();
  private final Set<Long> aliased = new HashSet<>();
  private final Map<String, Lowering> lowerings = new HashMap<>(Lowerings.all());

  Exporter(Module module, List<Tensor> inputs, OnnxOptions options) {
    this.module = module;
    this.inputs = inputs;
    this.options = options;
    lowerings.putAll(options.lowerings);
  }

  ModelProto export() {
    ScriptModule traced =
        Jit.trace(
            module,
            o -> {
              o.dynamicSizes(!options.dynamicAxes.isEmpty()).strict(false);
              if (options.inputNames != null) {
                o.inputNames(options.inputNames.toArray(String[]::new));
              }
            },
            inputs.toArray());
    Graph source = traced.inlinedGraph();
    GraphProto.Builder proto = GraphProto.newBuilder().setName(module.getClass().getSimpleName());
    List<Value> given = source.inputs().subList(1, source.inputs().size());
    List<String> names =
        options.inputNames != null ? options.inputNames : given.stream().map(Value::name).toList();
    for (String name : options.dynamicAxes.keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "dynamicAxes names the input '%s'; the inputs are %s".formatted(name, names));
      }
    }
    values.put(source.inputs().getFirst().id(), new ModuleValue(traced, ""));
    for (int i = 0; i < given.size(); i++) {
      Tensor example = inputs.get(i);
      Map<Integer, String> axes = axes(names.get(i), example);
      OnnxValue input =
          new OnnxValue(graph.unique(names.get(i)), example.dtype(), example.shape().length, null);
      values.put(given.get(i).id(), input);
      List<Object> dims = new ArrayList<>();
      for (int d = 0; d < example.shape().length; d++) {
        dims.add(axes.containsKey(d) ? axes.get(d) : (Object) example.size(d));
      }
      proto.addInput(info(input, dims));
    }
    List<OutputShapes.Shape> shapes =
        new OutputShapes(traced, inputs, names, options.dynamicAxes).find();
    Map<Long, Integer> inputIndex = new HashMap<>();
    for (int i = 0; i < given.size(); i++) inputIndex.put(given.get(i).id(), i);
    for (Node node : source.nodes()) {
      if (node.kind().equals("prim::ListUnpack")) {
        lengths.put(node.inputs().getFirst().id(), node.outputs().size());
      }
    }
    for (Node node : source.nodes()) visit(node, inputIndex, names);

    List<OnnxValue> outputs = outputs(source, shapes.size());
    graph.build(proto, outputs);
    for (int i = 0; i < outputs.size(); i++) {
      proto.addOutput(info(outputs.get(i), shapes.get(i).dims()));
    }
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(OLDEST_IR_VERSION + (options.opset - OLDEST_OPSET) / 2)
            .setProducerName("pantorch")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(options.opset))
            .setGraph(proto);
    options.metadata.forEach((key, value) ->
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  private Map<Integer, String> axes(String name, Tensor example) {
    Map<Integer, String> axes = options.dynamicAxes.getOrDefault(name, new TreeMap<>());
    for (int axis : axes.keySet()) {
      if (axis >= example.shape().length) {
        throw new IllegalArgumentException(
            "dynamic axis %d of '%s', which has %d dimensions"
                .formatted(axis, name, example.shape().length));
      }
    }
    return axes;
  }

  private static ValueInfoProto info(OnnxValue value, List<Object> dims) {
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(value.name());
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dim : dims) {
      TensorShapeProto.Dimension.Builder each = TensorShapeProto.Dimension.newBuilder();
      if (dim instanceof Long size) each.setDimValue(size);
      if (dim instanceof String name && !name.isEmpty()) each.setDimParam(name);
      shape.addDim(each);
    }
    info.getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(OnnxTypes.code(value.dtype()))
        .setShape(shape);
    return info.build();
  }

  /// The graph's outputs under their names. One that is an input, a constant or another output too
  /// gets a node of its own, since names are unique.
  private List<OnnxValue> outputs(Graph source, int count) {
    List<OnnxValue> found = new ArrayList<>();
    for (Value output : source.outputs()) collect(values.get(output.id()), found);
    List<String> names = options.outputNames;
    if (names == null) {
      names = new ArrayList<>();
      for (int i = 0; i < count; i++) names.add(count == 1 ? "output" : "output_" + i);
    }
    if (names.size() != found.size()) {
      throw new IllegalArgumentException(
          "%d names were given for %d outputs: %s".formatted(names.size(), found.size(), names));
    }
    Set<OnnxValue> taken = new HashSet<>();
    List<OnnxValue> outputs = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      OnnxValue value = found.get(i);
      if (values(source.inputs()).contains(value)
          || value.constant() != null
          || !taken.add(value)) {
        value =
            graph
                .node(
                    "Identity",
                    "",
                    "",
                    List.of(value),
                    List.of(GraphBuilder.result(value.dtype(), value.rank())),
                    Map.of())
                .getFirst();
      }
      value.rename(graph.unique(names.get(i)));
      outputs.add(value);
    }
    return outputs;
  }

  private List<@Nullable Object> values(List<Value> of) {
    List<@Nullable Object> found = new ArrayList<>();
    for (Value value : of) found.add(values.get(value.id()));
    return found;
  }

  private static void collect(@Nullable Object value, List<OnnxValue> found) {
    switch (value) {
      case OnnxValue tensor -> found.add(tensor);
      case List<?> list -> list.forEach(each -> collect(each, found));
      case null, default ->
          throw new OnnxExportException(
              "the module returns %s; outputs of an ONNX model are tensors".formatted(value));
    }
  }

  // Nodes.

  /// A module among the values, and its path.
  private record ModuleValue(ScriptModule module, String path) {}

  private void visit(Node node, Map<Long, Integer> inputIndex, List<String> names) {
    List<@Nullable Object> arguments = values(node.inputs());
    switch (node.kind()) {
      case "prim::Constant" -> put(node, constant(node));
      case "prim::GetAttr" -> put(node, attribute(node, (ModuleValue) arguments.getFirst()));
      case "prim::ListConstruct", "prim::TupleConstruct" -> put(node, arguments);
      case "prim::ListUnpack", "prim::TupleUnpack" -> unpack(node, arguments.getFirst());
      case "aten::size" -> put(node, size(node, arguments, inputIndex, names));
      default -> {
        Value first = node.outputs().isEmpty() ? null : node.outputs().getFirst();
        if (first != null && first.type().kind().equals("IntType")) {
          put(node, SizeArithmetic.compute(call(node, arguments), node.kind()));
        } else {
          lower(node, arguments);
        }
      }
    }
  }

  private void put(Node node, @Nullable Object value) {
    values.put(node.output().id(), value);
  }

  private OperatorCall call(Node node, List<@Nullable Object> arguments) {
    int elements = node.outputs().size() == 1 ? lengths.getOrDefault(node.output().id(), -1) : -1;
    return new OperatorCall(node, arguments, graph, options.opset, elements);
  }

  private @Nullable Object constant(Node node) {
    Object value = node.attributes().get("value");
    if (value instanceof Tensor tensor) return graph.constant("constant", tensor);
    boolean isBoolean = node.output().type().kind().equals("BoolType");
    return isBoolean && value instanceof Long flag ? Boolean.valueOf(flag != 0) : value;
  }

  private Object attribute(Node node, @Nullable ModuleValue owner) {
    if (owner == null) throw new AssertionError("an attribute of nothing");
    String name = String.valueOf(node.attribute("name"));
    String path = owner.path.isEmpty() ? name : owner.path + "." + name;
    return known.computeIfAbsent(
        path,
        key ->
            switch (owner.module.attribute(name)) {
              case ScriptModule child -> new ModuleValue(child, path);
              case Tensor tensor -> graph.constant(path, tensor);
              case null, default -> throw OperatorCall.refusal(node, "an attribute of this type");
            });
  }

  private void unpack(Node node, @Nullable Object list) {
    if (!(list instanceof List<?> elements) || elements.size() != node.outputs().size()) {
      throw OperatorCall.refusal(node, "the number of its elements is not known");
    }
    for (int i = 0; i < elements.size(); i++) {
      values.put(node.outputs().get(i).id(), elements.get(i));
      // The parts of a tensor that was split share its memory.
      boolean isPart =
          node.kind().endsWith("Unpack") && aliased.contains(node.inputs().getFirst().id());
      if (isPart) aliased.add(node.outputs().get(i).id());
    }
  }

  private Object size(
      Node node,
      List<@Nullable Object> arguments,
      Map<Long, Integer> inputIndex,
      List<String> names) {
    OperatorCall call = call(node, arguments);
    OnnxValue tensor = call.tensor(0);
    if (call.size() < 2) throw call.refuse("all sizes at once");
    int dim = call.dim(1, tensor.rank());
    Tensor constant = tensor.constant();
    if (constant != null) return constant.size(dim);
    Integer input = inputIndex.get(node.inputs().getFirst().id());
    if (input != null) {
      Map<Integer, String> axes = options.dynamicAxes.getOrDefault(names.get(input), Map.of());
      if (!axes.containsKey(dim)) return inputs.get(input).size(dim);
    }
    return new SizeValue(
        call.emit("Shape", DType.INT64, 1, Map.of("start", dim, "end", dim + 1), List.of(tensor)));
  }

  private void lower(Node node, List<@Nullable Object> arguments) {
    String kind = node.kind();
    String name = kind.substring(kind.indexOf(':') + 2);
    Lowering lowering = lowerings.get(kind);
    boolean inPlace = name.endsWith("_") && !name.endsWith("__") && lowering == null;
    if (inPlace) lowering = lowerings.get(kind.substring(0, kind.length() - 1));
    OperatorCall call = call(node, arguments);
    if (lowering == null) {
      throw call.refuse(
          "there is no lowering for this operator; give one with o.lowering(\"%s\", call -> ...)"
              .formatted(kind));
    }
    if (inPlace) checkInPlace(call, arguments.getFirst(), sameAs(node.inputs().getFirst()));
    Object result = ConstantFolding.fold(node, arguments, call);
    if (result == null) {
      lowering.lower(call);
      result = call.result;
    }
    if (result == null) throw call.refuse("its lowering gave no result");
    if (node.outputs().size() == 1) {
      put(node, result);
    } else {
      unpack(node, result);
    }
    if (ALIASES.contains(name)) {
      for (Value value : node.inputs()) aliased.add(value.id());
      for (Value value : node.outputs()) aliased.add(value.id());
    }
    if (inPlace) {
      List<Long> ids = sameAs(node.inputs().getFirst());
      ids.add(node.output().id());
      same.put(node.output().id(), ids);
      for (long id : ids) values.put(id, result);
    }
  }

  /// The numbers under which a tensor goes: an in-place operator gives it another.
  private List<Long> sameAs(Value value) {
    return same.computeIfAbsent(value.id(), id -> new ArrayList<>(List.of(id)));
  }

  /// What is changed in place becomes another value; whatever else shares its memory would not
  /// know.
  private void checkInPlace(OperatorCall call, @Nullable Object changed, List<Long> ids) {
    boolean isConstant = changed instanceof OnnxValue value && value.constant() != null;
    if (isConstant || ids.stream().anyMatch(aliased::contains)) {
      throw call.refuse(
          "it changes in place a tensor that others share memory with; use the operator without"
              + " the underscore");
    }
  }
}
