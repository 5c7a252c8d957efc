package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.jit.Graph;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.jit.TraceOptions;
import dev.pantorch.jit.Value;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One export: traces the module, has its graph translated and writes it as a message.
final class Exporter {
  private static final int OLDEST_OPSET = 17;

  /// The file format's version that came with that one; every second opset has a new one.
  private static final int OLDEST_IR_VERSION = 8;

  private static final String MICROSOFT = "com.microsoft";

  private final Module module;
  private final OnnxOptions options;
  private final ScriptModule traced;
  private final Graph source;
  private final ModelInputs inputs;
  private final GraphBuilder graph = new GraphBuilder();

  Exporter(Module module, List<?> arguments, OnnxOptions options) {
    this.module = module;
    this.options = options;
    Object[] given = arguments.toArray();
    if (options.dynamicAxes.isEmpty()) {
      traced = trace(given, o -> o.dynamicSizes(false));
      inputs = new ModelInputs(arguments, options, inputNames(traced));
    } else {
      // Axes are dynamic by the names of inputs, which a trace gives to those that have none.
      List<String> names =
          options.inputNames == null ? inputNames(fixed(given)) : options.inputNames;
      inputs = new ModelInputs(arguments, options, names);
      traced = trace(given, o -> o.dynamicSizes(inputs.dynamicDims()));
    }
    source = traced.inlinedGraph(options.method);
  }

  private List<String> inputNames(ScriptModule script) {
    List<Value> all = script.inlinedGraph(options.method).inputs();
    return all.subList(1, all.size()).stream().map(Value::name).toList();
  }

  ModelInputs inputs() {
    return inputs;
  }

  /// What the module computes from other inputs, tensor by tensor.
  List<Tensor> run(List<Tensor> tensors) {
    Object[] arguments = inputs.arguments(tensors);
    return OutputShapes.tensors(fixed(arguments).callMethod(options.method, arguments));
  }

  /// A trace for these sizes only.
  private ScriptModule fixed(Object[] arguments) {
    return trace(arguments, o -> o.dynamicSizes(false).checkTrace(false));
  }

  private ScriptModule trace(Object[] arguments, Consumer<TraceOptions> settings) {
    return Jit.trace(
        module, o -> settings.accept(options.configure(o, arguments.length)), arguments);
  }

  /// @param weights takes the constants
  ModelProto export(ExternalWeights weights) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName(className());
    List<OnnxValue> given = new ArrayList<>();
    for (int i = 0; i < inputs.tensors().size(); i++) {
      Tensor example = inputs.tensors().get(i);
      Map<Integer, String> axes = inputs.axes(i);
      String name = graph.unique(inputs.names().get(i));
      given.add(new OnnxValue(name, example.dtype(), example.dim(), null));
      List<Object> dims = new ArrayList<>();
      for (int d = 0; d < example.dim(); d++) {
        dims.add(axes.containsKey(d) ? axes.get(d) : (Object) example.size(d));
      }
      proto.addInput(info(given.getLast(), dims));
    }
    OutputShapes shapes = new OutputShapes(traced, options.method, inputs);
    List<OutputShapes.Shape> found = shapes.find();
    Sizes sizes = new Sizes(source, longerGraph());
    List<OnnxValue> outputs =
        named(
            new GraphTranslation(module, source, traced, inputs, given, sizes, graph, options)
                .outputs());
    if (outputs.size() != found.size()) {
      throw new AssertionError(
          "%d outputs in the graph, %d of the trace".formatted(outputs.size(), found.size()));
    }
    Set<String> domains = graph.build(proto, outputs, weights);
    for (int i = 0; i < outputs.size(); i++) {
      List<Object> dims = found.get(i).dims();
      if (outputs.get(i).isDataDependent) dims = Collections.nCopies(dims.size(), "");
      proto.addOutput(info(outputs.get(i), dims));
    }
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(OLDEST_IR_VERSION + (options.opset - OLDEST_OPSET) / 2)
            .setProducerName("pantorch")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(options.opset))
            .setGraph(proto);
    if (domains.contains(MICROSOFT)) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1));
    }
    options.metadata.forEach((key, value) ->
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  /// A trace of inputs that are longer in every dynamic axis, null where none is.
  private @Nullable Graph longerGraph() {
    if (options.dynamicAxes.isEmpty()) return null;
    Map<String, Long> longer = inputs.longer(inputs.exampleSizes().keySet());
    Object[] arguments = inputs.arguments(inputs.resized(longer));
    try {
      return trace(arguments, o -> o.dynamicSizes(inputs.dynamicDims()).checkTrace(false))
          .inlinedGraph(options.method);
    } catch (TorchException refused) {
      throw new OnnxExportException(
          "the axes %s cannot be dynamic: with one element more in each the module fails. %s"
              .formatted(longer.keySet(), refused.getMessage()));
    }
  }

  private String className() {
    Class<?> type = module.getClass();
    while (type.isAnonymousClass()) type = type.getSuperclass();
    return type.getSimpleName();
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
  private List<OnnxValue> named(Map<String, OnnxValue> found) {
    List<String> names = options.outputNames;
    if (names == null) names = List.copyOf(found.keySet());
    if (names.size() != found.size()) {
      throw new IllegalArgumentException(
          "%d names were given for %d outputs: %s".formatted(names.size(), found.size(), names));
    }
    Set<OnnxValue> taken = new HashSet<>();
    List<OnnxValue> outputs = new ArrayList<>();
    for (OnnxValue each : found.values()) {
      OnnxValue value = each;
      if (graph.isInput(value) || value.constant() != null || !taken.add(value)) {
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
        value.isDataDependent = each.isDataDependent;
      }
      value.rename(graph.unique(names.get(outputs.size())));
      outputs.add(value);
    }
    return outputs;
  }

  /// The tensors of what the module returns, with names for them.
  static Map<String, OnnxValue> flattened(List<@Nullable Object> returned) {
    Map<String, OnnxValue> named = new LinkedHashMap<>();
    if (returned.size() == 1) {
      flatten("output", returned.getFirst(), named);
    } else {
      flatten("output", returned, named);
    }
    return named;
  }

  private static void flatten(String name, @Nullable Object value, Map<String, OnnxValue> named) {
    switch (value) {
      case OnnxValue tensor -> named.put(name, tensor);
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) flatten(name + "_" + i, list.get(i), named);
      }
      case Map<?, ?> map -> map.forEach((key, each) -> flatten(name + "_" + key, each, named));
      case null, default ->
          throw new OnnxExportException(
              "the module returns %s; outputs of an ONNX model are tensors".formatted(value));
    }
  }
}
