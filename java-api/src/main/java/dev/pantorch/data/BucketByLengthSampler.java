package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Batches of sequences of similar length, so that little is padding, in an order that stays
/// random.
///
/// The samples are shuffled and cut into pools of `poolBatches` batches; each pool is sorted by
/// length, longest first, and cut into batches, and the batches of all pools are shuffled. Larger
/// pools pad less and mix less. There is no such sampler in PyTorch.
///
/// ```java
/// int[] lengths = texts.stream().mapToInt(String::length).toArray();
/// var sampler = new BucketByLengthSampler(lengths, 32, o -> o.poolBatches(50));
/// var loader = new DataLoader<>(data, Collate.padSequence(0), o -> o.batchSampler(sampler));
/// ```
public final class BucketByLengthSampler implements Sampler<int[]> {
  private final int[] lengths;
  private final int batchSize;
  private final Options options;

  /// Options of {@link BucketByLengthSampler}.
  public static final class Options {
    private int poolBatches = 100;
    private boolean dropLast;
    private @Nullable Generator generator;

    private Options() {}

    /// How many batches are sorted together.
    ///
    /// @param poolBatches 100 unless set
    /// @return these options
    public Options poolBatches(int poolBatches) {
      this.poolBatches = poolBatches;
      return this;
    }

    /// Whether a batch that is not full is left out.
    ///
    /// @param dropLast false unless set
    /// @return these options
    public Options dropLast(boolean dropLast) {
      this.dropLast = dropLast;
      return this;
    }

    /// Where random numbers come from.
    ///
    /// @param generator unless set, one that the default generator seeds for each iteration
    /// @return these options
    public Options generator(@Nullable Generator generator) {
      this.generator = generator;
      return this;
    }
  }

  /// Batches of similar lengths.
  ///
  /// @param lengths of all samples, by index
  /// @param batchSize samples in a batch
  public BucketByLengthSampler(int[] lengths, int batchSize) {
    this(lengths, batchSize, o -> {});
  }

  /// Batches of similar lengths.
  ///
  /// @param lengths of all samples, by index
  /// @param batchSize samples in a batch
  /// @param settings sets the options
  /// @throws ValueException if a size is not positive
  public BucketByLengthSampler(int[] lengths, int batchSize, Consumer<Options> settings) {
    BatchSampler.checkBatchSize(batchSize);
    options = new Options();
    settings.accept(options);
    if (options.poolBatches <= 0) {
      throw new ValueException("poolBatches should be positive, but it is " + options.poolBatches);
    }
    this.lengths = lengths.clone();
    this.batchSize = batchSize;
  }

  @Override
  public int size() {
    return BatchSampler.batches(lengths.length, batchSize, options.dropLast);
  }

  @Override
  public @Nullable Generator generator() {
    return options.generator;
  }

  @Override
  public Iterator<int[]> iterator() {
    Generator source = Draws.orOwn(options.generator);
    int[] order = Draws.permutation(lengths.length, source);
    List<int[]> batches = new ArrayList<>();
    int pool = Math.multiplyExact(options.poolBatches, batchSize);
    for (int start = 0; start < order.length; start += pool) {
      // Stable, so that samples of one length stay in their random order.
      int[] sorted =
          IntStream.range(start, Math.min(start + pool, order.length))
              .mapToObj(i -> order[i])
              .sorted(Comparator.comparingInt((Integer index) -> -lengths[index]))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int from = 0; from < sorted.length; from += batchSize) {
        int to = Math.min(from + batchSize, sorted.length);
        if (to - from == batchSize || !options.dropLast) {
          batches.add(Arrays.copyOfRange(sorted, from, to));
        }
      }
    }
    int[] turns = Draws.permutation(batches.size(), source);
    return Arrays.stream(turns).mapToObj(batches::get).iterator();
  }
}
