package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// A sampler's indices in batches.
///
/// ```java
/// new BatchSampler(new SequentialSampler(data), 3, false); // [0, 1, 2], [3, 4, 5], ...
/// ```
///
/// [torch.utils.data.BatchSampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.BatchSampler)
public final class BatchSampler implements Sampler<int[]> {
  private final Sampler<Integer> sampler;
  private final int batchSize;
  private final boolean dropLast;

  /// Cuts an order into batches.
  ///
  /// @param sampler the order
  /// @param batchSize indices in a batch
  /// @param dropLast whether a last batch that is not full is left out
  /// @throws ValueException if the batch size is not positive
  public BatchSampler(Sampler<Integer> sampler, int batchSize, boolean dropLast) {
    checkBatchSize(batchSize);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  static void checkBatchSize(int batchSize) {
    if (batchSize <= 0) {
      throw new ValueException(
          "batch_size should be a positive integer value, but got batch_size=" + batchSize);
    }
  }

  static int batches(int samples, int batchSize, boolean dropLast) {
    return dropLast ? samples / batchSize : Math.ceilDiv(samples, batchSize);
  }

  @Override
  public int size() {
    return batches(sampler.size(), batchSize, dropLast);
  }

  @Override
  public @Nullable Generator generator() {
    return sampler.generator();
  }

  @Override
  public Iterator<int[]> iterator() {
    Iterator<Integer> indices = sampler.iterator();
    return new Iterator<>() {
      private int @Nullable [] ahead;

      @Override
      public boolean hasNext() {
        if (ahead == null) ahead = take();
        return ahead.length > 0;
      }

      @Override
      public int[] next() {
        if (!hasNext() || ahead == null) throw new NoSuchElementException();
        int[] batch = ahead;
        ahead = null;
        return batch;
      }

      private int[] take() {
        int[] batch = new int[batchSize];
        int count = 0;
        while (count < batchSize && indices.hasNext()) batch[count++] = indices.next();
        return Arrays.copyOf(batch, dropLast && count < batchSize ? 0 : count);
      }
    };
  }
}
