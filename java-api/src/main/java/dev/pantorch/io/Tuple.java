package dev.pantorch.io;

import java.util.AbstractList;
import java.util.Collection;
import java.util.RandomAccess;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// Python's tuple: a list that cannot be changed, and that {@link dev.pantorch.Torch#save} writes
/// as a tuple where other lists are written as lists. It equals every list of the same elements.
///
/// ```java
/// Tuple betas = Tuple.of(0.9, 0.999);
/// ```
public final class Tuple extends AbstractList<@Nullable Object> implements RandomAccess {
  private static final Tuple EMPTY = new Tuple(new Object[0]);

  private final @Nullable Object[] elements;

  private Tuple(@Nullable Object[] elements) {
    this.elements = elements;
  }

  /// A tuple of some elements.
  ///
  /// @param elements the elements, null for None
  /// @return the tuple
  public static Tuple of(@Nullable Object... elements) {
    return elements.length == 0 ? EMPTY : new Tuple(elements.clone());
  }

  /// A tuple of a collection's elements, in its order.
  ///
  /// @param elements the elements, null for None
  /// @return the tuple
  public static Tuple copyOf(Collection<? extends @Nullable Object> elements) {
    return elements instanceof Tuple tuple ? tuple : of(elements.toArray());
  }

  @Override
  public @Nullable Object get(int index) {
    return elements[index];
  }

  @Override
  public int size() {
    return elements.length;
  }

  /// As Python prints it: `(0.9, 0.999)`, `(1,)`.
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "(", elements.length == 1 ? ",)" : ")");
    for (Object element : elements) text.add(String.valueOf(element));
    return text.toString();
  }
}
