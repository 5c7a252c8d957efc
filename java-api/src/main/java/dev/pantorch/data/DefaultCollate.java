package dev.pantorch.data;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Python's default collation.
final class DefaultCollate {
  private static final Collate<Object, Object> TYPED = DefaultCollate::sameType;

  private DefaultCollate() {}

  @SuppressWarnings("unchecked") // a batch of T is a T: sameType checks it
  static <T> Collate<T, T> typed() {
    return (Collate<T, T>) TYPED;
  }

  static boolean is(Collate<?, ?> collate) {
    return TYPED.equals(collate);
  }

  private static Object sameType(List<Object> samples) {
    Object first = samples.getFirst();
    if (first instanceof Number || first instanceof Boolean || first instanceof CharSequence) {
      throw new TypeException(
          "a batch of %s is no %s: give the loader Collate.numbers() or a collation of your own"
              .formatted(first.getClass().getSimpleName(), first.getClass().getSimpleName()));
    }
    return collate(samples);
  }

  static Object collate(List<?> samples) {
    Object first = samples.getFirst();
    return switch (first) {
      case Tensor _ -> Torch.stack(all(samples, Tensor.class));
      case Double _ ->
          Torch.tensor(
              all(samples, Double.class).stream().mapToDouble(Double::doubleValue).toArray());
      case Float _ -> Torch.tensor(floats(all(samples, Float.class)));
      case Boolean _ -> Torch.tensor(booleans(all(samples, Boolean.class)));
      case Long _, Integer _, Short _, Byte _ ->
          Torch.tensor(all(samples, Number.class).stream().mapToLong(Number::longValue).toArray());
      case CharSequence _ -> samples;
      case Map<?, ?> map -> maps(map, all(samples, Map.class));
      case List<?> list -> lists(list.size(), all(samples, List.class));
      case Record record -> records(record, all(samples, Record.class));
      default ->
          throw new TypeException(
              "default_collate: batch must contain tensors, numbers, strings, records, maps or"
                  + " lists; found "
                  + first.getClass().getName());
    };
  }

  private static <T> List<T> all(List<?> samples, Class<T> type) {
    for (Object sample : samples) {
      if (!type.isInstance(sample)) {
        throw new TypeException(
            "default_collate: a batch holds both %s and %s"
                .formatted(
                    samples.getFirst().getClass().getSimpleName(),
                    sample.getClass().getSimpleName()));
      }
    }
    return samples.stream().<T>map(type::cast).toList();
  }

  private static float[] floats(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) array[i] = values.get(i);
    return array;
  }

  private static boolean[] booleans(List<Boolean> values) {
    boolean[] array = new boolean[values.size()];
    for (int i = 0; i < array.length; i++) array[i] = values.get(i);
    return array;
  }

  @SuppressWarnings("rawtypes") // elements of samples, whatever they hold
  private static Map<Object, Object> maps(Map<?, ?> first, List<Map> samples) {
    var batch = new LinkedHashMap<Object, Object>();
    for (Object key : first.keySet()) {
      var parts = new ArrayList<Object>();
      for (Map sample : samples) {
        Object part = sample.get(key);
        if (part == null) throw new ValueException("default_collate: a sample has no " + key);
        parts.add(part);
      }
      batch.put(key, collate(parts));
    }
    return batch;
  }

  @SuppressWarnings("rawtypes") // elements of samples, whatever they hold
  private static List<Object> lists(int size, List<List> samples) {
    if (samples.stream().anyMatch(sample -> sample.size() != size)) {
      throw new ValueException("each element in list of batch should be of equal size");
    }
    var batch = new ArrayList<Object>();
    for (int i = 0; i < size; i++) {
      var parts = new ArrayList<Object>();
      for (List sample : samples) parts.add(sample.get(i));
      batch.add(collate(parts));
    }
    return batch;
  }

  private static Record records(Record first, List<Record> samples) {
    if (first instanceof Example) {
      List<Example> examples = all(samples, Example.class);
      return new Example(
          Torch.stack(examples.stream().map(Example::input).toList()),
          Torch.stack(examples.stream().map(Example::target).toList()));
    }
    RecordComponent[] components = first.getClass().getRecordComponents();
    List<@Nullable Object[]> rows = samples.stream().map(RecordParts::of).toList();
    @Nullable Object[] parts = new @Nullable Object[components.length];
    for (int i = 0; i < parts.length; i++) {
      var values = new ArrayList<@Nullable Object>();
      for (@Nullable Object[] row : rows) values.add(row[i]);
      parts[i] = collate(values);
      if (!components[i].getType().isInstance(parts[i])) {
        throw new TypeException(
            "default_collate: component %s of %s is a %s, which cannot hold a batch; make it a Tensor or give a collation of your own"
                .formatted(
                    components[i].getName(),
                    first.getClass().getSimpleName(),
                    components[i].getType().getSimpleName()));
      }
    }
    return RecordParts.make(first, parts);
  }
}
