package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.ops.Overload;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The generated methods, found by their `@Overload`, and called with the arguments of a schema.
public final class TypedOperators {
  private static final List<String> OPTIONS = List.of("dtype", "layout", "device", "pin_memory");

  private final Map<String, List<Method>> methods = new LinkedHashMap<>();
  private final Map<String, List<String>> argumentNames = new ConcurrentHashMap<>();

  public TypedOperators() {
    for (Class<?> type : types()) {
      for (Method method : type.getMethods()) {
        Overload overload = method.getAnnotation(Overload.class);
        if (overload != null) {
          List<Method> same = methods.computeIfAbsent(overload.value(), n -> new ArrayList<>());
          if (!same.contains(method)) {
            same.add(method);
          }
        }
      }
    }
    // The order that reflection gives differs between runs.
    methods.values().forEach(same -> same.sort((a, b) -> a.toString().compareTo(b.toString())));
  }

  private static Set<Class<?>> types() {
    var types = new LinkedHashSet<Class<?>>(Set.of(Tensor.class));
    for (OperatorTable.Row row : OperatorTable.GENERATED.values()) {
      try {
        types.add(Class.forName(row.javaClass()));
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("operators.tsv names " + row.javaClass(), e);
      }
    }
    return types;
  }

  Set<String> overloads() {
    return methods.keySet();
  }

  public boolean has(String overload) {
    return methods.containsKey(overload);
  }

  /// Calls one of the overload's methods.
  ///
  /// @param turn picks among them, so that a function and the method of the same operator both have
  ///   their turn
  /// @return the results in the order of the schema
  public List<@Nullable Object> call(String overload, int turn, List<@Nullable Object> values)
      throws Throwable {
    List<Method> same = requireNonNull(methods.get(overload), overload);
    Method full = same.get(Math.floorMod(turn, same.size()));
    List<Slot> slots = slots(overload, full);
    Method method = withTruthValues(full, slots, values);
    var arguments = new ArrayList<@Nullable Object>();
    @Nullable Object receiver = null;
    for (Slot slot : slots) {
      if (slot.isOptions()) {
        arguments.add(options(values.subList(slot.argument(), slot.argument() + OPTIONS.size())));
      } else if (slot.type() == null) {
        receiver = values.get(slot.argument());
      } else {
        Class<?> type = method.getParameterTypes()[arguments.size()];
        arguments.add(convert(values.get(slot.argument()), type));
      }
    }
    try {
      return results(method.invoke(receiver, arguments.toArray()), method);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /// Where an argument of the schema goes.
  ///
  /// @param argument its index in the schema, of the first of four for options
  /// @param type the parameter's type, null for the receiver
  private record Slot(int argument, @Nullable Class<?> type) {
    boolean isOptions() {
      return type == TensorOptions.class;
    }
  }

  private List<Slot> slots(String overload, Method method) {
    List<String> names =
        argumentNames.computeIfAbsent(
            overload, o -> Schemas.argumentNames(OperatorTable.row(o).schema()));
    Class<?>[] types = method.getParameterTypes();
    var slots = new ArrayList<Slot>();
    int parameter = 0;
    for (int i = 0; i < names.size(); i++) {
      if (!Modifier.isStatic(method.getModifiers()) && names.get(i).equals("self")) {
        slots.add(new Slot(i, null));
        continue;
      }
      Class<?> type = types[parameter++];
      slots.add(new Slot(i, type));
      if (type == TensorOptions.class) {
        i += OPTIONS.size() - 1;
      }
    }
    if (parameter != types.length) {
      throw new AssertionError("%s has other parameters than %s".formatted(method, names));
    }
    return slots;
  }

  private static TensorOptions options(List<@Nullable Object> four) {
    TensorOptions options = TensorOptions.defaults();
    if (four.get(0) instanceof DType dtype) {
      options = options.dtype(dtype);
    }
    if (four.get(1) instanceof Layout layout) {
      options = options.layout(layout);
    }
    if (four.get(2) instanceof Device device) {
      options = options.on(device);
    }
    if (four.get(3) instanceof Boolean pinned) {
      options = options.pinMemory(pinned);
    }
    return options;
  }

  /// The overload that takes a truth value where the full one takes a number, if there is one and
  /// it is needed: `fill_(true)`.
  private static Method withTruthValues(
      Method full, List<Slot> slots, List<@Nullable Object> values) {
    Class<?>[] types = full.getParameterTypes();
    int parameter = 0;
    boolean changed = false;
    for (Slot slot : slots) {
      if (slot.type() == null) {
        continue;
      }
      if (slot.type() == Number.class && values.get(slot.argument()) instanceof Boolean) {
        types[parameter] = boolean.class;
        changed = true;
      }
      parameter++;
    }
    try {
      return changed ? full.getDeclaringClass().getMethod(full.getName(), types) : full;
    } catch (NoSuchMethodException e) {
      return full;
    }
  }

  private static @Nullable Object convert(@Nullable Object value, Class<?> type) {
    if (value instanceof Boolean truth && type == Number.class) {
      return truth ? 1L : 0L;
    }
    if (value instanceof Object[] array && type == Number[].class) {
      return Arrays.stream(array).map(v -> convert(v, Number.class)).toArray(Number[]::new);
    }
    return value;
  }

  private static List<@Nullable Object> results(@Nullable Object result, Method method)
      throws ReflectiveOperationException {
    if (method.getReturnType() == void.class) {
      return List.of();
    }
    var results = new ArrayList<@Nullable Object>();
    if (result instanceof Record record) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        results.add(component.getAccessor().invoke(record));
      }
    } else {
      results.add(result);
    }
    return results;
  }

  /// Whether a result stands for no tensor.
  static boolean isAbsent(@Nullable Object result) {
    return result == null || (result instanceof Tensor tensor && !tensor.isDefined());
  }
}
