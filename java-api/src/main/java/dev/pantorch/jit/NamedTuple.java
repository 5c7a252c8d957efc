package dev.pantorch.jit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A value of a Python `NamedTuple` type.
///
/// ```java
/// if (traced.callMethod("predict", x) instanceof NamedTuple result) {
///   Tensor scores = (Tensor) result.get("scores");
/// }
/// ```
///
/// @param type the name of its type
/// @param fields its fields by name, in their order
public record NamedTuple(String type, SequencedMap<String, @Nullable Object> fields) {
  /// Copies the fields.
  ///
  /// @param type the name of its type
  /// @param fields its fields by name, in their order
  public NamedTuple(String type, SequencedMap<String, @Nullable Object> fields) {
    this.type = type;
    this.fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
  }

  /// One field.
  ///
  /// @param name its name
  /// @return its value
  /// @throws IllegalArgumentException if there is none of this name
  public @Nullable Object get(String name) {
    if (!fields.containsKey(name)) {
      throw new IllegalArgumentException(
          "%s has no field '%s'; it has %s".formatted(type, name, fields.keySet()));
    }
    return fields.get(name);
  }
}
