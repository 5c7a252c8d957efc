package dev.pantorch.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Python's `collections.OrderedDict`, which module state dicts are in. Every other map is written
/// as a plain dict, which Python keeps in order just as well.
///
/// ```java
/// Torch.save(new OrderedDict<>(Map.of("weight", w)), path); // a collections.OrderedDict in Python
/// ```
///
/// @param <K> the type of the keys
/// @param <V> the type of the values
public final class OrderedDict<K extends @Nullable Object, V extends @Nullable Object>
    extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // as serializable as what is put in
  private final LinkedHashMap<String, @Nullable Object> attributes = new LinkedHashMap<>();

  /// An empty one.
  public OrderedDict() {}

  /// A copy of a map, without attributes.
  ///
  /// @param entries the entries
  public OrderedDict(Map<? extends K, ? extends V> entries) {
    super(entries);
  }

  /// What Python keeps on the object beside its entries: for a module's state dict `_metadata`, the
  /// version of each module.
  ///
  /// @return the attributes by name, which can be changed
  public SequencedMap<String, @Nullable Object> attributes() {
    return attributes;
  }

  // Attributes are no part of equality, as in Python.

  @Override
  @SuppressWarnings("RedundantMethodOverride") // says that it is on purpose
  public boolean equals(@Nullable Object other) {
    return super.equals(other);
  }

  @Override
  @SuppressWarnings("RedundantMethodOverride") // beside equals, as lint wants it
  public int hashCode() {
    return super.hashCode();
  }
}
