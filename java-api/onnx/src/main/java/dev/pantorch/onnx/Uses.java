package dev.pantorch.onnx;

import dev.pantorch.jit.Graph;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What a graph makes of its values.
final class Uses {
  private final Set<Long> used = new HashSet<>();
  private final Map<Long, Integer> elements = new HashMap<>();

  Uses(Graph graph) {
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) used.add(input.id());
      if (node.kind().equals("prim::ListUnpack")) {
        elements.put(node.inputs().getFirst().id(), node.outputs().size());
      }
    }
    for (Value output : graph.outputs()) used.add(output.id());
  }

  boolean isUsed(Value value) {
    return used.contains(value.id());
  }

  /// How many elements the list has that a node makes, -1 where nothing says.
  int elements(Node node) {
    return node.outputs().size() == 1 ? elements.getOrDefault(node.output().id(), -1) : -1;
  }
}
