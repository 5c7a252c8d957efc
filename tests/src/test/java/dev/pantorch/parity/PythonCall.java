package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Calls constructors and forward methods with arguments that were bound to Python's names: what
/// Python requires comes by position, the rest by position too or through the setters of options.
final class PythonCall {
  private static final Pattern UNDERSCORE = Pattern.compile("_(.)");
  private static final Object REFUSED = new Object();

  private final IntFunction<Tensor> tensors;

  PythonCall(IntFunction<Tensor> tensors) {
    this.tensors = tensors;
  }

  /// One of Python's parameters; `given` unless it has the default.
  private record Parameter(String name, JsonNode value, boolean required, boolean given) {
    static List<Parameter> of(JsonNode arguments) {
      return Fixtures.elements(arguments).stream()
          .map(a ->
              new Parameter(
                  camel(a.get("name").asText()), a.get("value"), a.has("required"), a.has("given")))
          .toList();
    }
  }

  Object construct(Class<?> type, JsonNode arguments) {
    return call(type.getSimpleName(), List.of(type.getConstructors()), null, arguments);
  }

  Object forward(Object module, JsonNode arguments) {
    return call("forward", module, arguments);
  }

  Object call(String name, Object module, JsonNode arguments) {
    List<Method> methods =
        Arrays.stream(module.getClass().getMethods())
            .filter(m -> m.getName().equals(name))
            .toList();
    return call(name, methods, module, arguments);
  }

  private Object call(
      String what,
      List<? extends Executable> candidates,
      @Nullable Object receiver,
      JsonNode arguments) {
    List<Parameter> parameters = Parameter.of(arguments);
    var ordered = new ArrayList<Executable>(candidates);
    ordered.sort(Comparator.comparing(e -> !takesOptions(e)));
    for (Executable candidate : ordered) {
      @Nullable Object[] values = values(candidate, parameters);
      if (values != null) return invoke(candidate, receiver, values);
    }
    throw new AssertionError("no %s for %s among %s".formatted(what, arguments, candidates));
  }

  private static Object invoke(
      Executable target, @Nullable Object receiver, @Nullable Object[] values) {
    try {
      return requireNonNull(
          target instanceof Constructor<?> constructor
              ? constructor.newInstance(values)
              : ((Method) target).invoke(receiver, values));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      if (e.getCause() instanceof Error cause) throw cause;
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(target.toString(), e);
    }
  }

  private static boolean takesOptions(Executable executable) {
    Class<?>[] types = executable.getParameterTypes();
    return types.length > 0 && types[types.length - 1] == Consumer.class;
  }

  /// What to pass, or null if the candidate does not fit.
  private @Nullable Object @Nullable [] values(Executable candidate, List<Parameter> parameters) {
    Type[] types = candidate.getGenericParameterTypes();
    int positional = types.length - (takesOptions(candidate) ? 1 : 0);
    if (positional > parameters.size()) return null;
    var values = new @Nullable Object[types.length];
    for (int i = 0; i < positional; i++) {
      Object value = convert(parameters.get(i).value, types[i]);
      if (value == REFUSED) return null;
      values[i] = value;
    }
    List<Parameter> rest = parameters.subList(positional, parameters.size());
    if (rest.stream().anyMatch(Parameter::required)) return null;
    List<Parameter> options = rest.stream().filter(Parameter::given).toList();
    if (!takesOptions(candidate)) return options.isEmpty() ? values : null;
    Class<?> type = optionsType(types[positional]);
    var setters = new ArrayList<Consumer<Object>>();
    for (Parameter option : options) setters.add(setter(type, option));
    Consumer<Object> settings = o -> setters.forEach(s -> s.accept(o));
    values[positional] = settings;
    return values;
  }

  private static Class<?> optionsType(Type consumer) {
    Type argument = ((ParameterizedType) consumer).getActualTypeArguments()[0];
    if (argument instanceof WildcardType wildcard) {
      argument = wildcard.getLowerBounds()[0];
    }
    return raw(argument);
  }

  private Consumer<Object> setter(Class<?> options, Parameter option) {
    for (Method method : options.getMethods()) {
      if (method.getName().equals(option.name) && method.getParameterCount() == 1) {
        Object value = convert(option.value, method.getGenericParameterTypes()[0]);
        if (value != REFUSED) return o -> invoke(method, o, new @Nullable Object[] {value});
      }
    }
    throw new AssertionError(
        "%s has no %s(%s)".formatted(options.getName(), option.name, option.value));
  }

  private static Class<?> raw(Type type) {
    return type instanceof ParameterizedType p ? (Class<?>) p.getRawType() : (Class<?>) type;
  }

  /// The value as a type, {@link #REFUSED} if it is none; null is a value of all that are objects.
  private @Nullable Object convert(JsonNode node, Type generic) {
    if (!(generic instanceof Class<?>) && !(generic instanceof ParameterizedType)) return REFUSED;
    Class<?> type = raw(generic);
    if (node.isNull()) return type.isPrimitive() ? REFUSED : null;
    if (node.has("tensor")) {
      if (type == Tensor.class) return tensors.apply(node.get("tensor").asInt());
      // A state of one tensor is a record here.
      return type.isRecord() ? list(List.of(node), type) : REFUSED;
    }
    if (node.has("bool")) {
      return type == boolean.class || type == Boolean.class
          ? node.get("bool").asBoolean()
          : REFUSED;
    }
    if (node.has("string")) return constant(node.get("string").asText(), type);
    if (node.has("function")) return constant(node.get("function").asText(), type);
    if (node.has("list")) return list(Fixtures.elements(node.get("list")), generic);
    if (node.has("module")) {
      Class<?> module = requireNonNull(ModuleDbTest.find(node.at("/module/name").asText()));
      return type.isAssignableFrom(module)
          ? construct(module, node.at("/module/arguments"))
          : REFUSED;
    }
    return number(node.has("int") ? node.get("int") : node.get("float"), node.has("int"), type);
  }

  private static Object number(JsonNode value, boolean whole, Class<?> type) {
    if (type == double.class || type == Double.class) return Fixtures.number(value);
    if (type == Number.class) return whole ? (Number) value.asLong() : Fixtures.number(value);
    if (!whole) return type == double[].class ? new double[] {value.asDouble()} : REFUSED;
    if (type == long.class || type == Long.class) return value.asLong();
    if (type == int.class || type == Integer.class) return value.asInt();
    if (type == long[].class) return new long[] {value.asLong()};
    return REFUSED;
  }

  private static Object constant(String word, Class<?> type) {
    if (type == String.class) return word;
    String name = word.toUpperCase(Locale.ROOT);
    if (type.isEnum()) {
      return Arrays.<Object>stream(type.getEnumConstants())
          .filter(c -> c.toString().equalsIgnoreCase(name) || ((Enum<?>) c).name().equals(name))
          .findFirst()
          .orElse(REFUSED);
    }
    try {
      return requireNonNull(type.getField(name).get(null));
    } catch (ReflectiveOperationException e) {
      return REFUSED;
    }
  }

  private @Nullable Object list(List<JsonNode> elements, Type generic) {
    Class<?> type = raw(generic);
    if (type == long[].class && elements.stream().allMatch(e -> e.has("int"))) {
      return elements.stream().mapToLong(e -> e.get("int").asLong()).toArray();
    }
    if (type == Long[].class) {
      return elements.stream()
          .map(e -> e.isNull() ? null : e.get("int").asLong())
          .toArray(Long[]::new);
    }
    if (type == double[].class) {
      return elements.stream().mapToDouble(e -> Fixtures.number(e.elements().next())).toArray();
    }
    if (!type.isRecord() || type.getRecordComponents().length != elements.size()) return REFUSED;
    RecordComponent[] components = type.getRecordComponents();
    var values = new @Nullable Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = convert(elements.get(i), components[i].getGenericType());
      if (values[i] == REFUSED) return REFUSED;
    }
    return invoke(type.getConstructors()[0], null, values);
  }

  static String camel(String name) {
    return UNDERSCORE.matcher(name).replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }
}
