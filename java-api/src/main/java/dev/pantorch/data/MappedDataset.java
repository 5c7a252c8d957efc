package dev.pantorch.data;

import java.util.function.Function;

/// A dataset with a function on each sample.
record MappedDataset<S, T>(Dataset<S> source, Function<? super S, ? extends T> function)
    implements Dataset<T> {
  @Override
  public int size() {
    return source.size();
  }

  @Override
  public T get(int index) {
    return function.apply(source.get(index));
  }
}
