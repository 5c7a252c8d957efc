package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.nn.LayerOptions;
import dev.pantorch.nn.Module;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Builds any layer from what Python's was given, by the rules of the interface: the class has
/// Python's name, required arguments come first in Python's order, and options have Python's names
/// in lowerCamel. Layers with a few plain settings take these as further arguments instead.
final class LayerByName {
  private LayerByName() {}

  static Module build(JsonNode recorded) {
    return build(recorded, Fixtures.elements(recorded.get("args")));
  }

  static Module build(JsonNode recorded, List<JsonNode> args) {
    String name = recorded.get("module").asText();
    // Whether indices are returned is not an option here but another method.
    List<Map.Entry<String, JsonNode>> options =
        recorded.get("options").properties().stream()
            .filter(o -> !o.getKey().equals("return_indices"))
            .toList();
    try {
      Class<?> type = Class.forName(LayerOptions.class.getPackageName() + "." + name);
      for (Constructor<?> constructor : type.getConstructors()) {
        @Nullable Object[] arguments = arguments(constructor, args, options);
        if (arguments != null) return (Module) constructor.newInstance(arguments);
      }
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalArgumentException(name, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(name, e);
    }
    throw new IllegalArgumentException(
        "no constructor of %s takes %s %s".formatted(name, args, options));
  }

  private static @Nullable Object @Nullable [] arguments(
      Constructor<?> constructor, List<JsonNode> args, List<Map.Entry<String, JsonNode>> options) {
    Class<?>[] types = constructor.getParameterTypes();
    boolean configured = types.length > 0 && types[types.length - 1] == Consumer.class;
    var values = new ArrayList<>(args);
    if (!configured) options.forEach(o -> values.add(o.getValue()));
    if (values.size() != types.length - (configured ? 1 : 0)) return null;
    @Nullable Object[] arguments = new @Nullable Object[types.length];
    for (int i = 0; i < values.size(); i++) {
      if (!fits(types[i], values.get(i))) return null;
      arguments[i] = value(types[i], values.get(i));
    }
    if (configured) {
      arguments[types.length - 1] = (Consumer<Object>) o -> options.forEach(e -> set(o, e));
    }
    return arguments;
  }

  private static void set(Object options, Map.Entry<String, JsonNode> option) {
    String name = camel(option.getKey());
    // The other methods of these names return the base class: bridges.
    Method setter =
        Stream.of(options.getClass().getMethods())
            .filter(
                m -> m.getName().equals(name) && fits(m.getParameterTypes()[0], option.getValue()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(name));
    try {
      setter.invoke(
          options, new Object[] {value(setter.getParameterTypes()[0], option.getValue())});
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  static String camel(String name) {
    String[] words = name.split("_", -1);
    return words[0]
        + Arrays.stream(words)
            .skip(1)
            .map(w -> w.substring(0, 1).toUpperCase(Locale.ROOT) + w.substring(1))
            .reduce("", String::concat);
  }

  private static boolean fits(Class<?> type, JsonNode value) {
    if (type == Long[].class) return value.isArray() && hasNull(value);
    if (type.isArray()) return value.isArray() ? !hasNull(value) : value.isNumber();
    if (type == long.class || type == int.class) return value.isIntegralNumber();
    if (type == double.class || type == Number.class) return value.isNumber() || isInfinity(value);
    if (type == boolean.class) return value.isBoolean();
    if (type.isEnum()) return value.isTextual();
    return true;
  }

  private static boolean isInfinity(JsonNode value) {
    return value.isTextual() && value.asText().equals("inf");
  }

  private static boolean hasNull(JsonNode values) {
    return Fixtures.elements(values).stream().anyMatch(JsonNode::isNull);
  }

  private static @Nullable Object value(Class<?> type, JsonNode value) {
    if (value.isNull()) return null;
    if (type == Long[].class) {
      return Fixtures.elements(value).stream()
          .map(v -> v.isNull() ? null : v.asLong())
          .toArray(Long[]::new);
    }
    if (type == long[].class) {
      return value.isArray() ? Fixtures.longs(value) : new long[] {value.asLong()};
    }
    if (type == double[].class) {
      return value.isArray()
          ? Fixtures.elements(value).stream().mapToDouble(JsonNode::asDouble).toArray()
          : new double[] {value.asDouble()};
    }
    if (type == long.class || type == Long.class) return value.asLong();
    if (type == int.class) return value.asInt();
    if (type == double.class || type == Double.class) {
      return isInfinity(value) ? Double.POSITIVE_INFINITY : value.asDouble();
    }
    if (type == Number.class) {
      if (isInfinity(value)) return Double.POSITIVE_INFINITY;
      return value.isIntegralNumber() ? (Number) value.asLong() : (Number) value.asDouble();
    }
    if (type == boolean.class || type == Boolean.class) return value.asBoolean();
    if (type == DType.class) return TensorSpecs.dtype(value.asText());
    if (type.isEnum()) {
      String word = value.asText().toUpperCase(Locale.ROOT).replace('-', '_');
      return Stream.of(type.getEnumConstants())
          .filter(c -> c.toString().equals(word))
          .findFirst()
          .orElseThrow();
    }
    throw new IllegalArgumentException(type + " of " + value);
  }
}
