package dev.pantorch.train;

import dev.pantorch.data.BatchIterator;
import dev.pantorch.data.DataLoader;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/// One iteration over a loader, or over batches that are there already.
final class Batches<B> implements AutoCloseable {
  private final Iterator<B> iterator;

  /// Begins an iteration, or goes on with one.
  ///
  /// @param skip how many batches were taken before; a loader knows by its state
  Batches(Iterable<B> source, long skip) {
    iterator = source.iterator();
    if (source instanceof DataLoader<B>) return;
    for (long i = 0; i < skip && iterator.hasNext(); i++) iterator.next();
  }

  boolean hasNext() {
    return iterator.hasNext();
  }

  B next() {
    return iterator.next();
  }

  /// How many batches an iteration has; 0 where that is not known.
  static long count(Iterable<?> source) {
    if (source instanceof Collection<?> batches) return batches.size();
    if (source instanceof DataLoader<?> loader && !loader.isStream()) return loader.size();
    return 0;
  }

  /// Where a loader stands.
  static Map<String, Object> state(Iterable<?> source) {
    return source instanceof DataLoader<?> loader ? loader.state() : Map.of();
  }

  static void load(Iterable<?> source, Map<String, ?> state) {
    if (source instanceof DataLoader<?> loader && !state.isEmpty()) loader.loadState(state);
  }

  @Override
  public void close() {
    if (iterator instanceof BatchIterator<B> batches) batches.close();
  }
}
