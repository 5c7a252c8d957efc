package dev.pantorch.jit;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.NativeHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Makes records of the lists that `pt_graph_read` describes.
final class GraphReader {
  // Inner blocks see the values of the outer ones.
  private final Map<Long, Value> values = new HashMap<>();

  private GraphReader() {}

  static Graph read(NativeHandle graph) {
    return new GraphReader().graph(JitCalls.readGraph(graph), JitCalls.graphText(graph));
  }

  @SuppressWarnings("unchecked") // the shim's lists are lists of anything
  private static List<@Nullable Object> list(@Nullable Object value) {
    if (value instanceof List<?> items) return (List<@Nullable Object>) items;
    throw new AssertionError("expected a list, got " + value);
  }

  private static String text(@Nullable Object value) {
    return String.valueOf(value);
  }

  private static long number(@Nullable Object value) {
    if (value instanceof Long number) return number;
    throw new AssertionError("expected a number, got " + value);
  }

  private Graph graph(List<@Nullable Object> parts, String text) {
    List<Value> inputs = list(parts.get(0)).stream().map(this::define).toList();
    List<Node> nodes = list(parts.get(1)).stream().map(node -> node(list(node))).toList();
    return new Graph(inputs, nodes, known(parts.get(2)), text);
  }

  private Value define(@Nullable Object description) {
    List<@Nullable Object> parts = list(description);
    Value value = new Value(number(parts.get(0)), text(parts.get(1)), type(list(parts.get(2))));
    values.put(value.id(), value);
    return value;
  }

  private List<Value> known(@Nullable Object ids) {
    List<Value> found = new ArrayList<>();
    for (Object id : list(ids)) {
      Value value = values.get(number(id));
      if (value == null) throw new AssertionError("value " + id + " is used but not defined");
      found.add(value);
    }
    return List.copyOf(found);
  }

  private Node node(List<@Nullable Object> parts) {
    List<Value> inputs = known(parts.get(3));
    SequencedMap<String, @Nullable Object> attributes = new LinkedHashMap<>();
    List<@Nullable Object> triples = list(parts.get(5));
    for (int i = 0; i < triples.size(); i += 3) {
      attributes.put(text(triples.get(i)), attribute(text(triples.get(i + 1)), triples.get(i + 2)));
    }
    List<Graph> blocks = list(parts.get(6)).stream().map(block -> graph(list(block), "")).toList();
    List<Value> outputs = list(parts.get(4)).stream().map(this::define).toList();
    return new Node(
        text(parts.get(0)),
        text(parts.get(1)),
        source(parts.get(2)),
        inputs,
        outputs,
        Collections.unmodifiableSequencedMap(attributes),
        blocks,
        Boolean.TRUE.equals(parts.get(7)));
  }

  static @Nullable SourceLocation source(@Nullable Object description) {
    if (description == null) return null;
    List<@Nullable Object> parts = list(description);
    return new SourceLocation(
        text(parts.get(0)), number(parts.get(1)), text(parts.get(2)).stripTrailing());
  }

  private static @Nullable Object attribute(String kind, @Nullable Object value) {
    return switch (kind) {
      case "g" -> new GraphReader().graph(list(value), "");
      case "gs" ->
          list(value).stream().map(graph -> new GraphReader().graph(list(graph), "")).toList();
      case "ty" -> type(list(value));
      case "tys" -> list(value).stream().map(type -> type(list(type))).toList();
      default -> value;
    };
  }

  private static ValueType type(List<@Nullable Object> parts) {
    boolean tensor = parts.size() > 2;
    return new ValueType(
        text(parts.get(0)),
        text(parts.get(1)),
        tensor && parts.get(2) instanceof Long code ? DType.ofCode(code.intValue()) : null,
        tensor ? sizes(parts.get(3)) : null,
        tensor ? sizes(parts.get(4)) : null,
        tensor ? (Device) parts.get(5) : null,
        tensor ? (Boolean) parts.get(6) : null);
  }

  private static @Nullable List<@Nullable Long> sizes(@Nullable Object sizes) {
    if (sizes == null) return null;
    List<@Nullable Long> known = new ArrayList<>();
    for (Object size : list(sizes)) known.add((Long) size);
    return Collections.unmodifiableList(known);
  }
}
