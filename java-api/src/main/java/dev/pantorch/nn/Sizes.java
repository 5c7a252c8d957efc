package dev.pantorch.nn;

import dev.pantorch.internal.PythonText;
import java.util.Arrays;

/// A setting that Python takes as an int for all dimensions or as a tuple of one for each, and
/// prints as it was given.
final class Sizes {
  private final long[] values;

  private Sizes(long[] values) {
    this.values = values;
  }

  static Sizes of(long... values) {
    return new Sizes(values.clone());
  }

  /// One value for each of the dimensions.
  long[] expand(int dimensions) {
    if (values.length != 1) return values.clone();
    long[] all = new long[dimensions];
    Arrays.fill(all, values[0]);
    return all;
  }

  long[] values() {
    return values.clone();
  }

  /// The value that stands for all dimensions.
  boolean isSingle() {
    return values.length == 1;
  }

  static boolean all(long[] values, long value) {
    return Arrays.stream(values).allMatch(v -> v == value);
  }

  /// As Python prints it: `3` or `(3, 5)`.
  @Override
  public String toString() {
    return isSingle() ? Long.toString(values[0]) : PythonText.tuple(values);
  }
}
