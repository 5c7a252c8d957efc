package dev.pantorch.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;

/// Indices that are drawn chunk by chunk, each when the one before it is used up and more are
/// wanted: the moments at which Python's samplers, being generators, draw theirs.
final class ChunkedIndices implements Iterator<Integer> {
  private final int chunks;
  private final IntFunction<int[]> draw;
  private int[] chunk = {};
  private int drawn;
  private int next;

  ChunkedIndices(int chunks, IntFunction<int[]> draw) {
    this.chunks = chunks;
    this.draw = draw;
  }

  @Override
  public boolean hasNext() {
    while (next == chunk.length && drawn < chunks) {
      chunk = draw.apply(drawn++);
      next = 0;
    }
    return next < chunk.length;
  }

  @Override
  public Integer next() {
    if (!hasNext()) throw new NoSuchElementException();
    return chunk[next++];
  }
}
