package dev.pantorch.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes batches of a stream: one is read when its supplier is called, and null comes after the
/// last.
final class StreamBatches<T, B> implements Iterator<Supplier<@Nullable B>> {
  private final Iterator<T> samples;
  private final Collate<? super T, ? extends B> collate;
  private final int batchSize;
  private final boolean dropLast;
  private final boolean pinMemory;

  StreamBatches(
      Iterator<T> samples,
      Collate<? super T, ? extends B> collate,
      int batchSize,
      boolean dropLast,
      boolean pinMemory) {
    this.samples = samples;
    this.collate = collate;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
    this.pinMemory = pinMemory;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public Supplier<@Nullable B> next() {
    return this::read;
  }

  @SuppressWarnings("unchecked") // a collation of a supertype collates T
  private @Nullable B read() {
    var taken = new ArrayList<T>(batchSize);
    while (taken.size() < batchSize && samples.hasNext()) taken.add(samples.next());
    if (taken.isEmpty() || (dropLast && taken.size() < batchSize)) return null;
    return PinMemory.of(((Collate<T, ? extends B>) collate).collate(taken), pinMemory);
  }
}
