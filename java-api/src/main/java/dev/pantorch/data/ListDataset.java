package dev.pantorch.data;

import java.util.List;

/// A list's elements.
record ListDataset<T>(List<T> samples) implements Dataset<T> {
  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public T get(int index) {
    return samples.get(Indices.check(index, size()));
  }
}
