package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.jit.Graph;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.jit.Value;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Goes through the graph of a trace, node by node, and has each said in ONNX.
final class GraphTranslation {
  /// What shares its elements with its input, so that an in-place change of one is one of the
  /// other.
  private static final Set<String> ALIASES =
      Set.of(
          "adjoint",
          "alias",
          "broadcast_tensors",
          "broadcast_to",
          "chunk",
          "contiguous",
          "detach",
          "diagonal",
          "dropout",
          "dsplit",
          "expand",
          "expand_as",
          "feature_dropout",
          "flatten",
          "hsplit",
          "mH",
          "mT",
          "matrix_H",
          "meshgrid",
          "moveaxis",
          "movedim",
          "narrow",
          "numpy_T",
          "permute",
          "positive",
          "ravel",
          "reshape",
          "reshape_as",
          "select",
          "slice",
          "split",
          "split_with_sizes",
          "squeeze",
          "swapaxes",
          "swapdims",
          "t",
          "tensor_split",
          "to",
          "transpose",
          "type_as",
          "unbind",
          "unflatten",
          "unfold",
          "unsqueeze",
          "view",
          "view_as",
          "vsplit");

  /// What makes tensors whose sizes depend on elements.
  private static final Set<String> DATA_DEPENDENT =
      Set.of(
          "_pack_padded_sequence",
          "_pad_packed_sequence",
          "_unique2",
          "argwhere",
          "masked_select",
          "nonzero",
          "nonzero_numpy",
          "repeat_interleave");

  private static final Set<String> STATEFUL = Set.of("lstm", "gru", "rnn_tanh", "rnn_relu");

  private final Module module;
  private final Graph source;
  private final Sizes sizes;
  private final Uses uses;
  private final GraphBuilder graph;
  private final OnnxOptions options;
  private final Map<Long, @Nullable Object> values = new HashMap<>();
  private final Map<String, Object> known = new HashMap<>();
  private final Map<Long, List<Long>> same = new HashMap<>();
  private final Set<Long> aliased = new HashSet<>();
  private final Map<String, Lowering> lowerings = new HashMap<>(Lowerings.all());

  /// @param given the tensors of the inputs in the ONNX graph
  GraphTranslation(
      Module module,
      Graph source,
      ScriptModule traced,
      ModelInputs inputs,
      List<OnnxValue> given,
      Sizes sizes,
      GraphBuilder graph,
      OnnxOptions options) {
    this.module = module;
    this.source = source;
    this.sizes = sizes;
    this.uses = new Uses(source);
    this.graph = graph;
    this.options = options;
    lowerings.putAll(options.lowerings);
    values.put(source.inputs().getFirst().id(), new ModuleValue(traced, ""));
    var left = given.iterator();
    for (int i = 0; i < inputs.inputs().size(); i++) {
      Object value = ModelInputs.replaced(inputs.inputs().get(i), left);
      values.put(source.inputs().get(i + 1).id(), value);
    }
    given.forEach(graph::input);
  }

  /// Translates all, and gives what the module returns.
  Map<String, OnnxValue> outputs() {
    for (Node node : source.nodes()) visit(node);
    return Exporter.flattened(values(source.outputs()));
  }

  private List<@Nullable Object> values(List<Value> of) {
    List<@Nullable Object> found = new ArrayList<>();
    for (Value value : of) found.add(values.get(value.id()));
    return found;
  }

  /// A module among the values, and its path.
  private record ModuleValue(ScriptModule module, String path) {}

  private void visit(Node node) {
    List<@Nullable Object> arguments = values(node.inputs());
    switch (node.kind()) {
      case "prim::Constant" -> put(node, constant(node));
      case "prim::GetAttr" -> put(node, attribute(node, (ModuleValue) arguments.getFirst()));
      case "prim::ListConstruct", "prim::TupleConstruct" -> put(node, arguments);
      case "prim::ListUnpack", "prim::TupleUnpack" -> unpack(node, arguments.getFirst());
      case "prim::DictConstruct" -> put(node, dictionary(arguments));
      case "aten::__getitem__" -> put(node, item(node, arguments));
      case "aten::size" -> put(node, size(node, arguments));
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
    return new OperatorCall(node, arguments, graph, options.opset, sizes, uses);
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
              case ScriptObject packed ->
                  new QuantizedWeight.Packed(packed, () -> module.getSubmodule(owner.path));
              case null, default -> throw OperatorCall.refusal(node, "an attribute of this type");
            });
  }

  private static Object dictionary(List<@Nullable Object> arguments) {
    Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
    for (int i = 0; i < arguments.size(); i += 2)
      entries.put(arguments.get(i), arguments.get(i + 1));
    return entries;
  }

  private static @Nullable Object item(Node node, List<@Nullable Object> arguments) {
    if (arguments.getFirst() instanceof Map<?, ?> map) return map.get(arguments.get(1));
    if (arguments.getFirst() instanceof List<?> list && arguments.get(1) instanceof Long index) {
      return list.get((int) (index < 0 ? index + list.size() : index));
    }
    throw OperatorCall.refusal(node, "an element of what is no list or map");
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

  private Object size(Node node, List<@Nullable Object> arguments) {
    OperatorCall call = call(node, arguments);
    if (call.size() < 2) throw call.refuse("all sizes at once");
    int dim = call.dim(1, call.tensor(0).rank());
    if (call.isFixed(0, dim)) return call.exampleSize(0, dim);
    return new SizeValue(call.sizeOf(0, dim));
  }

  private void lower(Node node, List<@Nullable Object> arguments) {
    String kind = node.kind();
    String name = kind.substring(kind.indexOf(':') + 2);
    Lowering lowering = lowerings.get(kind);
    boolean inPlace = name.endsWith("_") && !name.endsWith("__") && lowering == null;
    if (inPlace) lowering = lowerings.get(kind.substring(0, kind.length() - 1));
    OperatorCall call = call(node, arguments);
    Object result =
        options.lowerings.containsKey(kind) ? null : ConstantFolding.fold(node, arguments, call);
    if (lowering == null && result == null) {
      throw call.refuse(
          "there is no lowering for this operator; give one with o.lowering(\"%s\", call -> ...)"
              .formatted(kind));
    }
    if (inPlace) checkInPlace(call, arguments.getFirst(), sameAs(node.inputs().getFirst()));
    if (lowering != null && result == null) {
      result = lower(node, arguments, call, lowering);
    }
    if (result == null) throw call.refuse("its lowering gave no result");
    if (isDataDependent(name, arguments)) markDataDependent(name, result);
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

  /// An operator that computes with floats is given floats where it is given quantized elements,
  /// and its result is quantized as they are.
  private @Nullable Object lower(
      Node node, List<@Nullable Object> arguments, OperatorCall call, Lowering lowering) {
    OnnxValue quantized =
        node.kind().startsWith("quantized::") || node.kind().equals("aten::dequantize")
            ? null
            : firstQuantized(arguments);
    if (quantized == null) {
      lowering.lower(call);
      return call.result;
    }
    List<@Nullable Object> floats = new ArrayList<>();
    for (Object each : arguments) {
      floats.add(each instanceof OnnxValue value ? StaticLowerings.dequantize(call, value) : each);
    }
    OperatorCall between = call(node, floats);
    lowering.lower(between);
    boolean isQuantized = call.quantizedType().isQuantized();
    if (isQuantized && between.result instanceof OnnxValue value) {
      return StaticLowerings.quantize(call, value, StaticLowerings.like(call, quantized));
    }
    if (isQuantized) throw call.refuse("several quantized results");
    return between.result;
  }

  private static @Nullable OnnxValue firstQuantized(List<@Nullable Object> arguments) {
    for (Object each : arguments) {
      if (each instanceof OnnxValue value && value.quantized != null) return value;
    }
    return null;
  }

  private static boolean isDataDependent(String name, List<@Nullable Object> arguments) {
    if (DATA_DEPENDENT.contains(name)) return true;
    if (name.equals("where") && arguments.size() == 1) return true;
    if (name.equals("index") && arguments.get(1) instanceof List<?> indices) {
      for (Object each : indices) {
        if (each instanceof OnnxValue index && index.dtype() == DType.BOOL) return true;
      }
    }
    return arguments.stream().anyMatch(GraphTranslation::isDataDependent);
  }

  private static boolean isDataDependent(@Nullable Object argument) {
    return switch (argument) {
      case OnnxValue value -> value.isDataDependent;
      case List<?> list -> list.stream().anyMatch(GraphTranslation::isDataDependent);
      case null, default -> false;
    };
  }

  private static void markDataDependent(String name, @Nullable Object result) {
    switch (result) {
      case OnnxValue value -> value.isDataDependent = true;
      case List<?> list -> {
        // A recurrent layer's states are as many as there are sequences.
        int count = STATEFUL.contains(name) ? 1 : list.size();
        for (Object each : list.subList(0, count)) markDataDependent(name, each);
      }
      case null, default -> {}
    }
  }

  /// The numbers under which a tensor goes: an in-place operator gives it another.
  private List<Long> sameAs(Value value) {
    return same.computeIfAbsent(value.id(), id -> new ArrayList<>(List.of(id)));
  }

  /// What is changed in place becomes another value; whatever else shares its memory would not
  /// know.
  private void checkInPlace(OperatorCall call, @Nullable Object changed, List<Long> ids) {
    boolean isWeight = changed instanceof OnnxValue value && known.containsValue(value);
    if (isWeight || ids.stream().anyMatch(aliased::contains)) {
      throw call.refuse(
          "it changes in place a tensor that others share memory with; use the operator without"
              + " the underscore");
    }
  }
}
