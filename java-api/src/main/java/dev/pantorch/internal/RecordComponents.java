package dev.pantorch.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/// Reads records reflectively, those of other modules too as far as they are open.
public final class RecordComponents {
  private RecordComponents() {}

  public static @Nullable Object read(Record record, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.trySetAccessible();
      return accessor.invoke(record);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(
          "cannot see the tensors in a %s: it is not accessible to module dev.pantorch; make the record public, open its package, or call keep() on its tensors"
              .formatted(record.getClass().getName()),
          e);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          "accessor " + component.getName() + "() failed", e.getCause());
    }
  }
}
