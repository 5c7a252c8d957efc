package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Collects nodes and constants. What no output needs is left out in the end.
final class GraphBuilder {
  record OnnxNode(
      String operator,
      String name,
      String origin,
      List<@Nullable OnnxValue> inputs,
      List<OnnxValue> outputs,
      Map<String, Object> attributes) {}

  /// Operators whose outputs may be left out. Of others all are written: ONNX Runtime crashes where
  /// one of a Split is missing.
  private static final Set<String> OPTIONAL_OUTPUTS =
      Set.of("LSTM", "GRU", "RNN", "DynamicQuantizeLSTM", "MaxPool");

  /// Operators that are not ONNX's own, by their domain.
  private static final Map<String, String> DOMAINS = Map.of("DynamicQuantizeLSTM", "com.microsoft");

  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxValue> small = new HashMap<>();
  private final Set<OnnxValue> inputs = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();

  /// A name that nothing else in the graph has.
  String unique(String wanted) {
    String name = wanted;
    while (!names.add(name)) name = wanted + "_" + counts.merge(wanted, 1, Integer::sum);
    return name;
  }

  void input(OnnxValue value) {
    inputs.add(value);
  }

  boolean isInput(OnnxValue value) {
    return inputs.contains(value);
  }

  OnnxValue constant(String name, Tensor tensor) {
    Tensor plain = tensor.detach().cpu().contiguous();
    return new OnnxValue(unique(name), plain.dtype(), plain.shape().length, plain);
  }

  /// A constant of one element, kept once.
  OnnxValue scalar(DType dtype, Object value) {
    return small.computeIfAbsent(
        dtype + " " + value,
        key ->
            constant(
                "constant",
                value instanceof Boolean flag
                    ? Torch.tensor(dtype, flag ? 1L : 0L)
                    : value instanceof Long number
                        ? Torch.tensor(dtype, number)
                        : Torch.tensor(dtype, (Double) value)));
  }

  OnnxValue ints(List<Long> values) {
    return small.computeIfAbsent(
        "ints" + values,
        key ->
            constant("sizes", Torch.tensor(values.stream().mapToLong(Long::longValue).toArray())));
  }

  List<OnnxValue> node(
      String operator,
      String path,
      String origin,
      List<@Nullable OnnxValue> inputs,
      List<OnnxValue> outputs,
      Map<String, Object> attributes) {
    String name = unique(path + "/" + operator);
    for (int i = 0; i < outputs.size(); i++) {
      outputs.get(i).rename(unique(name + "_output_" + i));
    }
    nodes.add(
        new OnnxNode(
            operator,
            name,
            origin,
            Collections.unmodifiableList(new ArrayList<>(inputs)),
            outputs,
            new LinkedHashMap<>(attributes)));
    return outputs;
  }

  /// The node that computes a value, or null.
  @Nullable OnnxNode producer(OnnxValue value) {
    for (OnnxNode node : nodes.reversed()) {
      if (node.outputs.contains(value)) return node;
    }
    return null;
  }

  /// The nodes that the outputs need.
  private List<OnnxNode> needed(Set<OnnxValue> needed) {
    List<OnnxNode> kept = new ArrayList<>();
    for (OnnxNode node : nodes.reversed()) {
      if (node.outputs.stream().noneMatch(needed::contains)) continue;
      kept.add(node);
      for (OnnxValue input : node.inputs) {
        if (input != null) needed.add(input);
      }
    }
    return kept.reversed();
  }

  /// Writes what the outputs need.
  ///
  /// @return the domains of the operators that are not ONNX's own
  Set<String> build(GraphProto.Builder graph, List<OnnxValue> outputs, ExternalWeights weights) {
    Set<OnnxValue> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(outputs);
    List<OnnxNode> kept = needed(needed);
    Map<OnnxValue, Tensor> constants = new LinkedHashMap<>();
    Set<String> domains = new HashSet<>();
    for (OnnxNode node : kept) {
      NodeProto.Builder proto = NodeProto.newBuilder().setOpType(node.operator).setName(node.name);
      String domain = DOMAINS.get(node.operator);
      if (domain != null) {
        proto.setDomain(domain);
        domains.add(domain);
      }
      if (!node.origin.isEmpty()) proto.setDocString(node.origin);
      int inputs = node.inputs.size();
      while (inputs > 0 && node.inputs.get(inputs - 1) == null) inputs--;
      for (OnnxValue input : node.inputs.subList(0, inputs)) {
        proto.addInput(input == null ? "" : input.name());
        if (input != null && input.constant() != null) constants.put(input, input.constant());
      }
      boolean hasOptional = OPTIONAL_OUTPUTS.contains(node.operator);
      int results = node.outputs.size();
      while (hasOptional && !needed.contains(node.outputs.get(results - 1))) results--;
      for (OnnxValue output : node.outputs.subList(0, results)) {
        proto.addOutput(hasOptional && !needed.contains(output) ? "" : output.name());
      }
      node.attributes.forEach(
          (name, value) -> proto.addAttribute(OnnxTypes.attribute(name, value)));
      graph.addNode(proto);
    }
    constants.forEach((value, tensor) -> weights.add(value.name(), tensor));
    weights.writeTo(graph);
    return domains;
  }

  static OnnxValue result(DType dtype, int rank) {
    return new OnnxValue("", dtype, rank, null);
  }
}
