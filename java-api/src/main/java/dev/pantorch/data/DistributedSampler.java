package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.ValueException;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// The share of one of several processes that train together: the same number of samples for each,
/// no sample twice but to fill up. With one seed the order is Python's.
///
/// ```java
/// var sampler = new DistributedSampler(data, 4, 0); // the first of four processes
/// var loader = new DataLoader<>(data, o -> o.batchSize(32).sampler(sampler));
/// for (int epoch = 0; epoch < epochs; epoch++) {
///   sampler.setEpoch(epoch);
///   for (Tensor batch : loader) model.forward(batch);
/// }
/// ```
///
/// Call {@link #setEpoch} before each epoch, or every epoch has the same order.
///
/// [torch.utils.data.distributed.DistributedSampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.distributed.DistributedSampler)
public final class DistributedSampler implements Sampler<Integer> {
  private final Dataset<?> dataset;
  private final int numReplicas;
  private final int rank;
  private final Options options;
  private final int numSamples;
  private long epoch;

  /// Options of {@link DistributedSampler}.
  public static final class Options {
    private boolean shuffle = true;
    private long seed;
    private boolean dropLast;

    private Options() {}

    /// Whether the order is random.
    ///
    /// @param shuffle true unless set
    /// @return these options
    public Options shuffle(boolean shuffle) {
      this.shuffle = shuffle;
      return this;
    }

    /// The seed of the order, the same in every process.
    ///
    /// @param seed 0 unless set
    /// @return these options
    public Options seed(long seed) {
      this.seed = seed;
      return this;
    }

    /// Whether samples that do not divide evenly are left out; otherwise some come twice.
    ///
    /// @param dropLast false unless set
    /// @return these options
    public Options dropLast(boolean dropLast) {
      this.dropLast = dropLast;
      return this;
    }
  }

  /// A random share.
  ///
  /// @param dataset what is sampled
  /// @param numReplicas how many processes there are
  /// @param rank which of them this is, from 0
  /// @throws ValueException if there is no such rank
  public DistributedSampler(Dataset<?> dataset, int numReplicas, int rank) {
    this(dataset, numReplicas, rank, o -> {});
  }

  /// A share.
  ///
  /// @param dataset what is sampled
  /// @param numReplicas how many processes there are
  /// @param rank which of them this is, from 0
  /// @param settings sets the options
  /// @throws ValueException if there is no such rank
  public DistributedSampler(
      Dataset<?> dataset, int numReplicas, int rank, Consumer<Options> settings) {
    if (rank >= numReplicas || rank < 0) {
      throw new ValueException(
          "Invalid rank %d, rank should be in the interval [0, %d]"
              .formatted(rank, numReplicas - 1));
    }
    options = new Options();
    settings.accept(options);
    this.dataset = dataset;
    this.numReplicas = numReplicas;
    this.rank = rank;
    int size = dataset.size();
    numSamples = options.dropLast ? size / numReplicas : Math.ceilDiv(size, numReplicas);
  }

  /// Sets the epoch, which changes the random order.
  ///
  /// @param epoch the number of the epoch
  public void setEpoch(long epoch) {
    this.epoch = epoch;
  }

  @Override
  public int size() {
    return numSamples;
  }

  @Override
  public Iterator<Integer> iterator() {
    int size = dataset.size();
    return new ChunkedIndices(
        1,
        chunk -> {
          int[] order =
              options.shuffle
                  ? Draws.permutation(size, new Generator().manualSeed(options.seed + epoch))
                  : IntStream.range(0, size).toArray();
          int[] share = new int[numSamples];
          for (int i = 0; i < share.length; i++) share[i] = order[(rank + i * numReplicas) % size];
          return share;
        });
  }
}
