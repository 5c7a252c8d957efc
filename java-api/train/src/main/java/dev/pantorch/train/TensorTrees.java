package dev.pantorch.train;

import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.data.PaddedBatch;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Batches and states: tensors, or lists, maps and records of them.
final class TensorTrees {
  private TensorTrees() {}

  /// All tensors within a value, in order.
  static List<Tensor> tensors(@Nullable Object value) {
    var found = new ArrayList<Tensor>();
    collect(value, found);
    return found;
  }

  private static void collect(@Nullable Object value, List<Tensor> found) {
    switch (value) {
      case null -> {}
      case Tensor tensor -> found.add(tensor);
      case Collection<?> many -> many.forEach(each -> collect(each, found));
      case Map<?, ?> map -> map.values().forEach(each -> collect(each, found));
      case Record record -> {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          collect(read(record, component), found);
        }
      }
      default -> {}
    }
  }

  /// The same value with other tensors.
  @SuppressWarnings("unchecked") // each value is replaced by one of its own kind
  static <T> T map(T value, UnaryOperator<Tensor> change) {
    return (T) Objects.requireNonNull(changed(value, change));
  }

  private static @Nullable Object changed(@Nullable Object value, UnaryOperator<Tensor> change) {
    return switch (value) {
      case null -> null;
      case Tensor tensor -> change.apply(tensor);
      case List<?> list -> {
        var copy = new ArrayList<@Nullable Object>();
        for (Object each : list) copy.add(changed(each, change));
        yield copy;
      }
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<Object, @Nullable Object>();
        map.forEach((key, each) -> copy.put(key, changed(each, change)));
        yield copy;
      }
      case Record record -> {
        RecordComponent[] components = record.getClass().getRecordComponents();
        @Nullable Object[] parts = new @Nullable Object[components.length];
        for (int i = 0; i < parts.length; i++) {
          parts[i] = changed(read(record, components[i]), change);
        }
        yield construct(record.getClass(), parts);
      }
      default -> value;
    };
  }

  static <B> B to(B batch, Device device) {
    return moved(batch, device);
  }

  @SuppressWarnings("unchecked") // each value is replaced by one of its own kind
  private static <T> T moved(T value, Device device) {
    // Lengths stay on the CPU, where packing reads them.
    return switch (value) {
      case PackedSequence packed -> (T) packed.to(device);
      case PaddedBatch padded -> (T) new PaddedBatch(padded.data().to(device), padded.lengths());
      default -> map(value, tensor -> tensor.to(device));
    };
  }

  /// How many samples a batch has: the first dimension of its first tensor.
  static long samples(Object batch) {
    if (batch instanceof PackedSequence packed) {
      try (Tensor first = packed.batchSizes().select(0, 0)) {
        return (long) first.item();
      }
    }
    for (Tensor tensor : tensors(batch)) {
      if (tensor.dim() > 0) return tensor.size(0);
    }
    if (batch instanceof Collection<?> samples) return samples.size();
    throw new ValueException(
        "a batch of type %s has no tensor whose first dimension would tell how many samples it has; say so by the option batchSize(batch -> ...)"
            .formatted(batch.getClass().getName()));
  }

  // Checkpoints: a record becomes the list of its parts, and comes back by its type.

  static @Nullable Object flat(@Nullable Object value) {
    return switch (value) {
      case Record record -> {
        var parts = new ArrayList<@Nullable Object>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          parts.add(flat(read(record, component)));
        }
        yield parts;
      }
      case List<?> list -> {
        var parts = new ArrayList<@Nullable Object>();
        for (Object each : list) parts.add(flat(each));
        yield parts;
      }
      case null, default -> value;
    };
  }

  static <S> S unflatten(Object value, Class<S> type) {
    if (type.isRecord() && value instanceof List<?> parts) {
      RecordComponent[] components = type.getRecordComponents();
      if (parts.size() == components.length) {
        @Nullable Object[] arguments = new @Nullable Object[components.length];
        for (int i = 0; i < arguments.length; i++) {
          Object part = parts.get(i);
          arguments[i] = part == null ? null : unflatten(part, components[i].getType());
        }
        return type.cast(construct(type, arguments));
      }
    }
    if (type.isInstance(value)) return type.cast(value);
    throw new ValueException(
        "the checkpoint's carried state is a %s, which is no %s"
            .formatted(value.getClass().getName(), type.getName()));
  }

  private static @Nullable Object read(Record record, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.trySetAccessible();
      return accessor.invoke(record);
    } catch (IllegalAccessException e) {
      throw inaccessible(record.getClass(), e);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          "accessor " + component.getName() + "() failed", e.getCause());
    }
  }

  private static Object construct(Class<?> type, @Nullable Object[] parts) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.trySetAccessible();
      return constructor.newInstance(parts);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("cannot make a " + type.getName(), e.getCause());
    } catch (IllegalAccessException e) {
      throw inaccessible(type, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type.getName(), e);
    }
  }

  private static IllegalStateException inaccessible(Class<?> type, Exception cause) {
    return new IllegalStateException(
        "cannot see the tensors in a %s: make the record public, or open its package to dev.pantorch.train"
            .formatted(type.getName()),
        cause);
  }
}
