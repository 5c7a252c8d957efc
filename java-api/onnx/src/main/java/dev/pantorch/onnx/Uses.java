package dev.pantorch.onnx;

import dev.pantorch.jit.Graph;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.Value;
import java.util.HashMap;
import java.util.Map;

/// What a graph makes of its values.
final class Uses {
  private final Map<Long, Integer> used = new HashMap<>();
  private final Map<Long, Integer> elements = new HashMap<>();

  Uses(Graph graph) {
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) used.merge(input.id(), 1, Integer::sum);
      if (node.kind().equals("prim::ListUnpack")) {
        elements.put(node.inputs().getFirst().id(), node.outputs().size());
      }
    }
    for (Value output : graph.outputs()) used.merge(output.id(), 1, Integer::sum);
  }

  boolean isUsed(Value value) {
    return used.containsKey(value.id());
  }

  boolean isUsedOnce(Value value) {
    return used.getOrDefault(value.id(), 0) == 1;
  }

  /// How many elements the list has that a node makes, -1 where nothing says.
  int elements(Node node) {
    return node.outputs().size() == 1 ? elements.getOrDefault(node.output().id(), -1) : -1;
  }
}
