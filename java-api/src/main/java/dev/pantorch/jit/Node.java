package dev.pantorch.jit;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One operation of a {@link Graph}.
///
/// ```java
/// for (Node node : traced.inlinedGraph().nodes()) {
///   if (node.kind().equals("aten::linear")) System.out.println(node.output().type().sizes());
/// }
/// ```
///
/// @param kind what it does: `aten::lstm`, `prim::Constant`, `prim::GetAttr`, ...
/// @param scope the path of the module that it belongs to, `__module.lstm`; empty where unknown or
///   of the outermost module
/// @param source where it was called, null where unknown
/// @param inputs the values that it takes
/// @param outputs the values that it makes
/// @param attributes its attributes by name: `Long`, `Double`, {@link dev.pantorch.Complex},
///   `String`, tensors, {@link Graph}, {@link ValueType}, lists of these, and for constants of
///   other types what an operator would return
/// @param blocks the bodies of a loop or a condition
/// @param isNondeterministic whether it draws random numbers
public record Node(
    String kind,
    String scope,
    @Nullable SourceLocation source,
    List<Value> inputs,
    List<Value> outputs,
    SequencedMap<String, @Nullable Object> attributes,
    List<Graph> blocks,
    boolean isNondeterministic) {
  /// The one value that it makes.
  ///
  /// @return the output
  /// @throws IllegalStateException if it makes none or several
  public Value output() {
    if (outputs.size() != 1) {
      throw new IllegalStateException("%s has %d outputs".formatted(kind, outputs.size()));
    }
    return outputs.getFirst();
  }

  /// An attribute.
  ///
  /// @param name its name
  /// @return its value
  /// @throws IllegalArgumentException if there is none of this name
  public @Nullable Object attribute(String name) {
    if (!attributes.containsKey(name)) {
      throw new IllegalArgumentException(
          "%s has no attribute '%s'; it has %s".formatted(kind, name, attributes.keySet()));
    }
    return attributes.get(name);
  }

  @Override
  public String toString() {
    String made = String.join(", ", outputs.stream().map(Value::toString).toList());
    String taken = String.join(", ", inputs.stream().map(value -> "%" + value.name()).toList());
    return "%s%s%s(%s)%s"
        .formatted(
            made.isEmpty() ? "" : made + " = ",
            kind,
            attributes.isEmpty() ? "" : attributes.toString(),
            taken,
            source == null ? "" : " # " + source);
  }
}
