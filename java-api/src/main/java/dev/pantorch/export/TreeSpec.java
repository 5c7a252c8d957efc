package dev.pantorch.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.internal.RecordComponents;
import dev.pantorch.jit.NamedTuple;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The structure of a model's inputs or outputs, as `torch.utils._pytree` writes it.
///
/// @param type Python's name of the container's class, null for a leaf
/// @param keys the keys of a dict, null for other containers
/// @param children the structures of its items
record TreeSpec(@Nullable String type, @Nullable List<Object> keys, List<TreeSpec> children) {
  private static final JsonFactory JSON = new JsonFactory();

  /// Where a value stands among the arguments of a call; a text only if there is an error to word.
  ///
  /// @param within the value that it is an item of, null for an argument itself
  /// @param key its key there
  record Place(@Nullable Place within, Object key) {
    @Override
    public String toString() {
      String text = key instanceof String ? "'" + key + "'" : String.valueOf(key);
      return within == null ? "argument " + text : within + "[" + text + "]";
    }
  }

  /// What stands at the leaves of a value, and where.
  static final class Leaves {
    final List<Tensor> tensors = new ArrayList<>();
    final List<Place> places = new ArrayList<>();
  }

  // Reading.

  /// Reads `[1, {"type": ..., "context": ..., "children_spec": [...]}]`.
  static TreeSpec parse(String json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      expect(parser, JsonToken.START_ARRAY);
      expect(parser, JsonToken.VALUE_NUMBER_INT);
      if (parser.getIntValue() != 1) {
        throw new IOException(
            "its structures are written in version %d; 1 is known".formatted(parser.getIntValue()));
      }
      expect(parser, JsonToken.START_OBJECT);
      TreeSpec spec = node(parser);
      expect(parser, JsonToken.END_ARRAY);
      return spec;
    }
  }

  private static void expect(JsonParser parser, JsonToken token) throws IOException {
    if (parser.nextToken() != token) {
      throw new IOException(
          "a structure of the model's is not understood: %s where %s is expected"
              .formatted(parser.currentToken(), token));
    }
  }

  private static TreeSpec node(JsonParser parser) throws IOException {
    String type = null;
    List<Object> keys = null;
    List<TreeSpec> children = new ArrayList<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "type" -> type = value == JsonToken.VALUE_NULL ? null : parser.getText();
        case "context" -> keys = keys(parser);
        case "children_spec" -> {
          while (parser.nextToken() == JsonToken.START_OBJECT) children.add(node(parser));
        }
        default -> parser.skipChildren();
      }
    }
    boolean dict = type != null && type.matches("(builtins|collections)\\..*[dD]ict");
    if (dict && (keys == null || keys.size() != children.size())) {
      throw new IOException(
          "a %s of the keys %s has %d items".formatted(type, keys, children.size()));
    }
    return new TreeSpec(type, dict ? keys : null, List.copyOf(children));
  }

  /// The keys in a context: a list in JSON within the JSON, in an object for a defaultdict.
  private static @Nullable List<Object> keys(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      List<Object> keys = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean dict = parser.currentName().equals("dict_context");
        parser.nextToken();
        if (dict && parser.currentToken() == JsonToken.START_ARRAY) keys = list(parser);
        else parser.skipChildren();
      }
      return keys;
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      parser.skipChildren();
      return null;
    }
    try (JsonParser inner = JSON.createParser(parser.getText())) {
      return parser.getText().startsWith("[") && inner.nextToken() == JsonToken.START_ARRAY
          ? list(inner)
          : null;
    }
  }

  private static List<Object> list(JsonParser parser) throws IOException {
    List<Object> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY && parser.currentToken() != null) {
      switch (parser.currentToken()) {
        case VALUE_NUMBER_INT -> items.add(parser.getLongValue());
        case VALUE_NUMBER_FLOAT -> items.add(parser.getDoubleValue());
        case VALUE_TRUE -> items.add(true);
        case VALUE_FALSE -> items.add(false);
        default -> items.add(parser.getText());
      }
      parser.skipChildren();
    }
    return items;
  }

  // Values.

  boolean isLeaf() {
    return type == null;
  }

  int leafCount() {
    return isLeaf() ? 1 : children.stream().mapToInt(TreeSpec::leafCount).sum();
  }

  /// Collects the tensors of a value that has this structure, in order. What else stands at a leaf
  /// is a constant of the model's, as in Python.
  void flatten(@Nullable Object value, Place place, Leaves into) {
    if (isLeaf()) {
      if (value instanceof Tensor tensor) {
        into.tensors.add(tensor);
        into.places.add(place);
      } else if (value != null && !isConstant(value)) {
        throw new TypeException(
            "%s is a %s; the package takes a tensor there"
                .formatted(place, value.getClass().getName()));
      }
      return;
    }
    List<? extends @Nullable Object> items = items(value, place);
    for (int i = 0; i < children.size(); i++) {
      Object key = keys == null ? (Object) i : keys.get(i);
      children.get(i).flatten(items.get(i), new Place(place, key), into);
    }
  }

  /// Collects the tensors of a call's arguments. This is the structure of both kinds: a tuple of a
  /// tuple and a dict.
  Leaves flattenCall(
      List<? extends @Nullable Object> arguments, Map<String, ? extends @Nullable Object> named) {
    TreeSpec positional = children.get(0);
    TreeSpec keywords = children.get(1);
    List<Object> names = keywords.keys == null ? List.of() : keywords.keys;
    if (arguments.size() != positional.children.size()
        || named.size() != names.size()
        || !named.keySet().containsAll(names)) {
      throw new TypeException(
          "the model takes %d positional arguments and those named %s; %d and %s are given"
              .formatted(positional.children.size(), names, arguments.size(), named.keySet()));
    }
    Leaves leaves = new Leaves();
    for (int i = 0; i < arguments.size(); i++) {
      positional.children.get(i).flatten(arguments.get(i), new Place(null, i), leaves);
    }
    for (int i = 0; i < names.size(); i++) {
      String name = (String) names.get(i);
      keywords.children.get(i).flatten(named.get(name), new Place(null, name), leaves);
    }
    return leaves;
  }

  /// Whether it is one of a call's arguments.
  boolean isCall() {
    return children.size() == 2
        && children.get(1).children.size()
            == (children.get(1).keys == null ? 0 : children.get(1).keys.size());
  }

  private static boolean isConstant(Object value) {
    return value instanceof Number || value instanceof Boolean || value instanceof String;
  }

  private List<? extends @Nullable Object> items(@Nullable Object value, Place place) {
    if (keys != null && value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> given = new LinkedHashMap<>();
      map.forEach(
          (key, item) -> given.put(key instanceof Integer n ? (Object) (long) n : key, item));
      if (given.keySet().equals(new HashSet<>(keys))) {
        return keys.stream().map(given::get).toList();
      }
      throw new TypeException(
          "%s has the keys %s; the package takes %s".formatted(place, map.keySet(), keys));
    }
    List<? extends @Nullable Object> items = keys == null ? sequence(value) : null;
    if (items == null) {
      throw new TypeException(
          "%s is %s; the package takes a %s of %d there"
              .formatted(
                  place,
                  value == null ? "null" : "a " + value.getClass().getName(),
                  type,
                  children.size()));
    }
    if (items.size() != children.size()) {
      throw new TypeException(
          "%s has %d items; the package takes %d".formatted(place, items.size(), children.size()));
    }
    return items;
  }

  private static @Nullable List<? extends @Nullable Object> sequence(@Nullable Object value) {
    return switch (value) {
      case NamedTuple tuple -> new ArrayList<>(tuple.fields().values());
      case Record record -> {
        List<@Nullable Object> parts = new ArrayList<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          parts.add(RecordComponents.read(record, component));
        }
        yield parts;
      }
      case Collection<?> collection -> new ArrayList<>(collection);
      case Object[] array -> Arrays.asList(array);
      case null, default -> null;
    };
  }

  /// A value of this structure: maps for dicts, lists for other containers.
  @Nullable Object unflatten(Iterator<? extends @Nullable Object> leaves) {
    if (isLeaf()) return leaves.next();
    List<@Nullable Object> items = new ArrayList<>();
    for (TreeSpec child : children) items.add(child.unflatten(leaves));
    if (keys == null) return items;
    Map<Object, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) map.put(keys.get(i), items.get(i));
    return map;
  }
}
