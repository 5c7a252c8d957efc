package dev.pantorch.onnx;

import dev.pantorch.jit.Graph;
import dev.pantorch.jit.Node;
import dev.pantorch.jit.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The sizes of a trace's values, and which of them depend on dynamic axes: those that differ in a
/// trace of longer inputs.
final class Sizes {
  private final Map<Long, long[]> example = new HashMap<>();
  private final Map<Long, long[]> longer = new HashMap<>();

  /// @param example the trace
  /// @param longer a trace of inputs that are longer in every dynamic axis; null where none is
  ///   dynamic
  Sizes(Graph example, @Nullable Graph longer) {
    List<Value> values = values(example);
    List<Value> others = longer == null ? values : values(longer);
    for (Value value : values) put(this.example, value.id(), value);
    // A loop over a size makes another trace of a longer input: then nothing is known.
    if (!isAlike(example, longer == null ? example : longer)) return;
    for (int i = 0; i < values.size(); i++) put(this.longer, values.get(i).id(), others.get(i));
  }

  private static boolean isAlike(Graph one, Graph other) {
    if (one.nodes().size() != other.nodes().size()) return false;
    for (int i = 0; i < one.nodes().size(); i++) {
      Node left = one.nodes().get(i);
      Node right = other.nodes().get(i);
      if (!left.kind().equals(right.kind()) || left.outputs().size() != right.outputs().size()) {
        return false;
      }
    }
    return true;
  }

  private static List<Value> values(Graph graph) {
    List<Value> values = new ArrayList<>(graph.inputs());
    for (Node node : graph.nodes()) values.addAll(node.outputs());
    return values;
  }

  private static void put(Map<Long, long[]> to, long id, Value value) {
    List<@Nullable Long> sizes = value.type().sizes();
    if (sizes == null || sizes.stream().anyMatch(size -> size == null)) return;
    to.put(id, sizes.stream().mapToLong(size -> size == null ? -1 : size).toArray());
  }

  /// The sizes in the example, or null where the trace does not know them.
  long @Nullable [] example(Value value) {
    return example.get(value.id());
  }

  /// Whether a dimension has one size, whatever the dynamic axes have.
  boolean isFixed(Value value, int dim) {
    long[] before = example.get(value.id());
    long[] after = longer.get(value.id());
    return before != null
        && after != null
        && dim < after.length
        && before.length == after.length
        && before[dim] == after[dim];
  }
}
