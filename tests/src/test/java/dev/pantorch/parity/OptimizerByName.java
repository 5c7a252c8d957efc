package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Builds optimizers under Python's names, and reads Python's values from fixtures.
final class OptimizerByName {
  private static final Pattern UNDERSCORE = Pattern.compile("_(.)");

  private final TensorSpecs specs;

  OptimizerByName(TensorSpecs specs) {
    this.specs = specs;
  }

  TensorSpecs specs() {
    return specs;
  }

  static @Nullable Class<?> find(String name) {
    try {
      return Class.forName("dev.pantorch.optim." + name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  /// An optimizer with options through their setters.
  static Optimizer<?> build(
      String name, List<Tensor> parameters, Map<String, @Nullable Object> options) {
    Consumer<ParamGroup<?>> settings =
        group -> options.forEach((key, value) -> set(group, key, value));
    Class<?> type = find(name);
    if (type == null) throw new AssertionError("no optimizer " + name);
    try {
      return (Optimizer<?>)
          type.getConstructor(List.class, Consumer.class).newInstance(parameters, settings);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  private static void set(ParamGroup<?> group, String name, @Nullable Object value) {
    String setter = UNDERSCORE.matcher(name).replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
    List<?> values = value instanceof List<?> several ? several : Arrays.asList(value);
    for (Method method : group.getClass().getMethods()) {
      if (!method.getName().equals(setter) || method.getParameterCount() != values.size()) continue;
      @Nullable Object[] arguments = arguments(method, values);
      if (arguments == null) continue;
      try {
        method.invoke(group, arguments);
        return;
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException cause) throw cause;
        throw new AssertionError(e);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(method.toString(), e);
      }
    }
    // What the setter's type rules out can still come from a state dict.
    if (value instanceof String) group.set(name, value);
    else
      throw new AssertionError("no option %s(%s) in %s".formatted(setter, value, group.getClass()));
  }

  private static @Nullable Object @Nullable [] arguments(Method method, List<?> values) {
    @Nullable Object[] arguments = new @Nullable Object[values.size()];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> type = method.getParameterTypes()[i];
      Object value = values.get(i);
      if (value instanceof String text && type.isEnum()) {
        arguments[i] =
            Arrays.stream(type.getEnumConstants())
                .filter(c -> c.toString().equalsIgnoreCase(text))
                .findFirst()
                .orElse(null);
        if (arguments[i] == null) return null;
      } else if (value == null ? type.isPrimitive() : !boxed(type).isInstance(value)) {
        return null;
      } else {
        arguments[i] = value;
      }
    }
    return arguments;
  }

  private static Class<?> boxed(Class<?> type) {
    if (type == double.class) return Double.class;
    if (type == int.class) return Integer.class;
    return type == boolean.class ? Boolean.class : type;
  }

  Map<String, @Nullable Object> options(JsonNode options) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    options.properties().forEach(option -> values.put(option.getKey(), value(option.getValue())));
    return values;
  }

  /// A value of Python's as Java has it.
  @Nullable Object value(JsonNode node) {
    if (node.isNull()) return null;
    if (node.has("tensor")) return specs.build(node.get("tensor"), new Variables());
    if (node.has("string")) return node.get("string").asText();
    if (node.has("int")) return node.get("int").asInt();
    if (node.has("bool")) return node.get("bool").asBoolean();
    if (node.has("float")) return Fixtures.number(node.get("float"));
    if (node.has("list")) {
      List<@Nullable Object> values = new ArrayList<>();
      node.get("list").forEach(element -> values.add(value(element)));
      return values;
    }
    if (!node.has("dict")) throw new IllegalArgumentException(node.toString());
    Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
    node.get("dict").forEach(entry -> values.put(value(entry.get(0)), value(entry.get(1))));
    return values;
  }
}
