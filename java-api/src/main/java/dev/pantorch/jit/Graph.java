package dev.pantorch.jit;

import java.util.List;

/// What a method of a {@link ScriptModule} computes, as a graph of operations in the order in which
/// they run. It is a copy: changing the module does not change it.
///
/// ```java
/// for (Node node : traced.inlinedGraph().nodes()) {
///   System.out.println(node.kind() + " in " + node.scope() + ", called at " + node.source());
/// }
/// ```
///
/// A method's first input is the module itself, from which `prim::GetAttr` nodes take parameters
/// and modules.
///
/// @param inputs the values that it takes
/// @param nodes the operations in order
/// @param outputs the values that it returns
/// @param text the graph as libtorch prints it; empty for a block
public record Graph(List<Value> inputs, List<Node> nodes, List<Value> outputs, String text) {
  @Override
  public String toString() {
    return text.isEmpty() ? String.join("\n", nodes.stream().map(Node::toString).toList()) : text;
  }
}
