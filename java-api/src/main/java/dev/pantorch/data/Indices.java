package dev.pantorch.data;

import dev.pantorch.IndexException;

/// Checks of indices.
final class Indices {
  private Indices() {}

  static int check(int index, int size) {
    if (index < 0 || index >= size) {
      throw new IndexException(
          "index %d is out of range for a dataset of %d samples".formatted(index, size));
    }
    return index;
  }
}
