package dev.pantorch.data;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes records apart and makes new ones of their kind.
final class RecordParts {
  private RecordParts() {}

  static @Nullable Object[] of(Record record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    @Nullable Object[] parts = new @Nullable Object[components.length];
    try {
      for (int i = 0; i < parts.length; i++) {
        var accessor = components[i].getAccessor();
        accessor.trySetAccessible();
        parts[i] = accessor.invoke(record);
      }
    } catch (InvocationTargetException e) {
      throw failed(record, e);
    } catch (IllegalAccessException e) {
      throw closed(record, e);
    }
    return parts;
  }

  static Record make(Record kind, @Nullable Object[] parts) {
    Class<?>[] types =
        Stream.of(kind.getClass().getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      var constructor = kind.getClass().getDeclaredConstructor(types);
      constructor.trySetAccessible();
      return constructor.newInstance(parts);
    } catch (InvocationTargetException e) {
      throw failed(kind, e);
    } catch (ReflectiveOperationException e) {
      throw closed(kind, e);
    }
  }

  private static IllegalStateException failed(Record record, InvocationTargetException e) {
    return new IllegalStateException(
        "a member of %s failed".formatted(record.getClass().getName()), e.getCause());
  }

  private static IllegalStateException closed(Record record, ReflectiveOperationException e) {
    return new IllegalStateException(
        "cannot read %s: make the record public or open its package"
            .formatted(record.getClass().getName()),
        e);
  }
}
