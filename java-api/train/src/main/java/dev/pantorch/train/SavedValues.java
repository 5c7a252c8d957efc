package dev.pantorch.train;

import dev.pantorch.ValueException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A map from a checkpoint, read by the types that are expected.
final class SavedValues {
  private final String where;
  private final Map<?, ?> values;

  SavedValues(String where, @Nullable Object value) {
    this.where = where;
    if (!(value instanceof Map<?, ?> map)) throw wrong(where, value, "a map");
    this.values = map;
  }

  boolean has(String key) {
    return values.get(key) != null;
  }

  @Nullable Object get(String key) {
    return values.get(key);
  }

  long integer(String key) {
    if (values.get(key) instanceof Number number) return number.longValue();
    throw wrong(key, "a number");
  }

  double number(String key) {
    if (values.get(key) instanceof Number number) return number.doubleValue();
    throw wrong(key, "a number");
  }

  boolean flag(String key) {
    if (values.get(key) instanceof Boolean flag) return flag;
    throw wrong(key, "a truth value");
  }

  String text(String key) {
    if (values.get(key) instanceof String text) return text;
    throw wrong(key, "a text");
  }

  List<?> list(String key) {
    if (values.get(key) instanceof List<?> list) return list;
    throw wrong(key, "a list");
  }

  /// A map with texts as keys.
  SequencedMap<String, Object> map(String key) {
    if (!(values.get(key) instanceof Map<?, ?> map)) throw wrong(key, "a map");
    var texts = new LinkedHashMap<String, Object>();
    map.forEach((name, value) -> texts.put(String.valueOf(name), value));
    return texts;
  }

  <T> SequencedMap<String, T> map(String key, Class<T> type) {
    var typed = new LinkedHashMap<String, T>();
    map(key)
        .forEach((name, value) -> {
          if (!type.isInstance(value)) {
            throw wrong(key + "." + name, value, "a " + type.getSimpleName());
          }
          typed.put(name, type.cast(value));
        });
    return typed;
  }

  private ValueException wrong(String key, String expected) {
    return wrong(where + "." + key, values.get(key), expected);
  }

  private static ValueException wrong(String where, @Nullable Object value, String expected) {
    return new ValueException(
        "this is no checkpoint of a Trainer: %s is %s; expected %s"
            .formatted(
                where, value == null ? "missing" : "a " + value.getClass().getName(), expected));
  }
}
