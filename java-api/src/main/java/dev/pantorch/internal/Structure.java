package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Values that hold tensors: records, collections, arrays and maps of them.
public final class Structure {
  private Structure() {}

  /// The tensors in the order in which libtorch meets them in the same value.
  public static List<Tensor> tensors(@Nullable Object value) {
    List<Tensor> found = new ArrayList<>();
    map(
        value,
        tensor -> {
          found.add(tensor);
          return tensor;
        });
    return found;
  }

  /// The same value with other tensors, of the same classes where that is possible.
  public static @Nullable Object map(@Nullable Object value, UnaryOperator<Tensor> function) {
    return switch (value) {
      case null -> null;
      case Tensor tensor -> function.apply(tensor);
      case Record record -> {
        @Nullable Object[] parts = parts(record).toArray();
        for (int i = 0; i < parts.length; i++) parts[i] = map(parts[i], function);
        yield make(record.getClass(), parts);
      }
      case Collection<?> items -> {
        List<@Nullable Object> mapped = new ArrayList<>();
        for (Object item : items) mapped.add(map(item, function));
        yield mapped;
      }
      case Map<?, ?> entries -> {
        Map<Object, @Nullable Object> mapped = new LinkedHashMap<>();
        entries.forEach((key, item) -> mapped.put(key, map(item, function)));
        yield mapped;
      }
      case Object[] items -> {
        Object[] mapped = items.clone();
        for (int i = 0; i < mapped.length; i++) Array.set(mapped, i, map(mapped[i], function));
        yield mapped;
      }
      default -> value;
    };
  }

  /// A value of the classes of `like` with the tensors of `values`, which holds lists and maps.
  public static @Nullable Object rebuilt(@Nullable Object like, @Nullable Object values) {
    Iterator<Tensor> tensors = tensors(values).iterator();
    return map(like, tensor -> tensors.next());
  }

  private static List<@Nullable Object> parts(Record record) {
    List<@Nullable Object> parts = new ArrayList<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      parts.add(RecordComponents.read(record, component));
    }
    return parts;
  }

  private static Object make(Class<? extends Record> type, @Nullable Object[] parts) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < types.length; i++) types[i] = components[i].getType();
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.trySetAccessible();
      return constructor.newInstance(parts);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalStateException("the constructor of " + type.getName() + " failed", e);
    } catch (ReflectiveOperationException e) {
      throw new TypeException(
          "cannot make a %s: it is not accessible to module dev.pantorch; make the record public, or open its package"
              .formatted(type.getName()));
    }
  }
}
