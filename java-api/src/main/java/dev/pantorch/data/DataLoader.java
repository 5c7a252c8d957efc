package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Batches of a dataset, once through with each iteration.
///
/// ```java
/// var loader = new DataLoader<>(new TensorDataset(x, y), o -> o.batchSize(32).shuffle(true));
/// try (var batches = loader.iterator()) {
///   while (batches.hasNext()) {
///     try (TensorScope scope = TensorScope.open()) {
///       List<Tensor> batch = batches.next(); // freed with the scope
///     }
///   }
/// }
/// ```
///
/// With one seed the batches are Python's, in order and content. A batch belongs to the innermost
/// scope that is open when it is taken, as if it had been made there.
///
/// **Workers** are virtual threads, which prepare batches ahead while the caller computes. At most
/// `numWorkers * prefetchFactor` batches wait or are under way; the order stays the sampler's. An
/// exception of a worker reaches the caller as a {@link DataLoaderException} with its cause when
/// that batch's turn comes. Closing an iterator frees what was prepared; one that a loop has left
/// is cleared up when it becomes unreachable. Workers share the dataset with each other, see {@link
/// Dataset}. Random numbers that a dataset draws in workers come in no fixed order.
///
/// [torch.utils.data.DataLoader](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.DataLoader)
///
/// @param <B> the type of a batch
public final class DataLoader<B> implements Iterable<B> {
  final Options options;
  final boolean pinMemory;
  private final Supplier<Iterator<Supplier<@Nullable B>>> source;
  private final @Nullable Sampler<int[]> batchSampler;
  private long epoch;
  private long position;
  private boolean started;
  private long iterations;
  private @Nullable RandomState epochStart;
  private boolean resuming;

  /// Is told how far an iteration is.
  @FunctionalInterface
  public interface Progress {
    /// A batch was taken.
    ///
    /// @param batches how many batches of this iteration have been taken
    /// @param total how many there are; -1 for a stream, whose end is not known
    void taken(long batches, long total);
  }

  /// Options of {@link DataLoader}.
  public static final class Options {
    private int batchSize = 1;
    private boolean batchSizeSet;
    private boolean shuffle;
    private @Nullable Sampler<Integer> sampler;
    private @Nullable Sampler<int[]> batchSampler;
    private @Nullable Generator generator;
    private boolean dropLast;
    int numWorkers;
    @Nullable Integer prefetchFactor;
    private boolean pinMemory;
    Duration timeout = Duration.ZERO;
    private @Nullable Progress progress;

    private Options() {}

    /// Samples in a batch.
    ///
    /// @param batchSize 1 unless set
    /// @return these options
    public Options batchSize(int batchSize) {
      this.batchSize = batchSize;
      batchSizeSet = true;
      return this;
    }

    /// Whether samples come in a new random order with each iteration.
    ///
    /// @param shuffle false unless set
    /// @return these options
    public Options shuffle(boolean shuffle) {
      this.shuffle = shuffle;
      return this;
    }

    /// The order of the samples.
    ///
    /// @param sampler the dataset's order unless set
    /// @return these options
    public Options sampler(Sampler<Integer> sampler) {
      this.sampler = sampler;
      return this;
    }

    /// What goes into each batch, instead of a batch size and an order.
    ///
    /// @param batchSampler none unless set
    /// @return these options
    public Options batchSampler(Sampler<int[]> batchSampler) {
      this.batchSampler = batchSampler;
      return this;
    }

    /// Where the random order comes from.
    ///
    /// @param generator the default generator unless set
    /// @return these options
    public Options generator(@Nullable Generator generator) {
      this.generator = generator;
      return this;
    }

    /// Whether a last batch that is not full is left out.
    ///
    /// @param dropLast false unless set
    /// @return these options
    public Options dropLast(boolean dropLast) {
      this.dropLast = dropLast;
      return this;
    }

    /// How many batches are made at a time, each by a virtual thread.
    ///
    /// @param numWorkers 0 unless set: the caller makes them
    /// @return these options
    public Options numWorkers(int numWorkers) {
      this.numWorkers = numWorkers;
      return this;
    }

    /// How many batches are prepared ahead for each worker.
    ///
    /// @param prefetchFactor 2 unless set
    /// @return these options
    public Options prefetchFactor(int prefetchFactor) {
      this.prefetchFactor = prefetchFactor;
      return this;
    }

    /// Whether batches lie in page-locked memory, from which an accelerator copies while it
    /// computes. Without an accelerator this does nothing.
    ///
    /// @param pinMemory false unless set
    /// @return these options
    public Options pinMemory(boolean pinMemory) {
      this.pinMemory = pinMemory;
      return this;
    }

    /// How long a batch of a worker is waited for.
    ///
    /// @param timeout zero unless set: as long as it takes
    /// @return these options
    public Options timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /// Who is told of each batch that is taken: a progress bar.
    ///
    /// @param progress nobody unless set
    /// @return these options
    public Options progress(Progress progress) {
      this.progress = progress;
      return this;
    }

    private void check() {
      if (numWorkers < 0) {
        throw new ValueException(
            "num_workers option should be non-negative; use num_workers=0 to make batches in the"
                + " calling thread.");
      }
      if (timeout.isNegative()) {
        throw new ValueException("timeout option should be non-negative");
      }
      if (prefetchFactor != null && numWorkers == 0) {
        throw new ValueException(
            "prefetch_factor option could only be specified with workers: let num_workers > 0, or"
                + " leave prefetch_factor unset.");
      }
      if (prefetchFactor != null && prefetchFactor <= 0) {
        throw new ValueException("prefetch_factor option should be positive");
      }
      if (sampler != null && shuffle) {
        throw new ValueException("sampler option is mutually exclusive with shuffle");
      }
      if (batchSampler != null && (batchSizeSet || shuffle || sampler != null || dropLast)) {
        throw new ValueException(
            "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and"
                + " drop_last");
      }
      BatchSampler.checkBatchSize(batchSize);
    }
  }

  /// Batches of one sample, in the dataset's order.
  ///
  /// @param dataset the samples
  public DataLoader(Dataset<B> dataset) {
    this(dataset, o -> {});
  }

  /// Batches by the default collation.
  ///
  /// @param dataset the samples
  /// @param settings sets the options
  /// @throws ValueException if options contradict each other
  public DataLoader(Dataset<B> dataset, Consumer<Options> settings) {
    this(dataset, Collate.byDefault(), settings);
  }

  /// Batches by a collation of one's own.
  ///
  /// @param dataset the samples
  /// @param collate makes a batch of samples; workers call it at the same time
  /// @param settings sets the options
  /// @param <T> the type of a sample
  /// @throws ValueException if options contradict each other
  public <T> DataLoader(
      Dataset<T> dataset, Collate<? super T, ? extends B> collate, Consumer<Options> settings) {
    options = configure(settings);
    pinMemory = options.pinMemory && (Torch.cuda().isAvailable() || Torch.xpu().isAvailable());
    Sampler<int[]> batches = batches(dataset, options);
    batchSampler = batches;
    var fetch = new Fetch<T, B>(dataset, collate, pinMemory);
    source =
        () -> {
          Iterator<int[]> indices = batches.iterator();
          return new Iterator<Supplier<@Nullable B>>() {
            @Override
            public boolean hasNext() {
              return indices.hasNext();
            }

            @Override
            public Supplier<@Nullable B> next() {
              int[] batch = indices.next();
              return () -> fetch.batch(batch);
            }
          };
        };
  }

  /// Batches of a stream, by the default collation.
  ///
  /// @param dataset the stream
  /// @param settings sets the options; there is no order to set
  /// @throws ValueException if options contradict each other
  public DataLoader(IterableDataset<B> dataset, Consumer<Options> settings) {
    this(dataset, Collate.byDefault(), settings);
  }

  /// Batches of a stream, by a collation of one's own.
  ///
  /// @param dataset the stream
  /// @param collate makes a batch of samples
  /// @param settings sets the options; there is no order to set
  /// @param <T> the type of a sample
  /// @throws ValueException if options contradict each other
  public <T> DataLoader(
      IterableDataset<T> dataset,
      Collate<? super T, ? extends B> collate,
      Consumer<Options> settings) {
    options = configure(settings);
    pinMemory = options.pinMemory && (Torch.cuda().isAvailable() || Torch.xpu().isAvailable());
    batchSampler = null;
    if (options.shuffle) {
      throw new ValueException(
          "DataLoader with IterableDataset: expected unspecified shuffle option, but got"
              + " shuffle=True");
    }
    if (options.sampler != null || options.batchSampler != null) {
      throw new ValueException(
          "DataLoader with IterableDataset: expected unspecified sampler and batch_sampler"
              + " options");
    }
    source =
        () ->
            new StreamBatches<T, B>(
                dataset.iterator(), collate, options.batchSize, options.dropLast, pinMemory);
  }

  private static Options configure(Consumer<Options> settings) {
    var options = new Options();
    settings.accept(options);
    options.check();
    return options;
  }

  private static Sampler<int[]> batches(Dataset<?> dataset, Options options) {
    if (options.batchSampler != null) return options.batchSampler;
    Sampler<Integer> sampler = options.sampler;
    if (sampler == null) {
      sampler =
          options.shuffle
              ? new RandomSampler(dataset, o -> o.generator(options.generator))
              : new SequentialSampler(dataset);
    }
    return new BatchSampler(sampler, options.batchSize, options.dropLast);
  }

  /// How many batches one iteration gives.
  ///
  /// @return the number
  /// @throws TypeException if the dataset is a stream
  public int size() {
    if (batchSampler == null) {
      throw new TypeException("a loader of an IterableDataset has no size");
    }
    return batchSampler.size();
  }

  /// How many iterations have come to their end.
  ///
  /// @return the number
  public long epoch() {
    return epoch;
  }

  /// Begins an iteration, or goes on with one after {@link #loadState}.
  ///
  /// @return the batches; to be closed where workers prepare them
  @Override
  public BatchIterator<B> iterator() {
    RandomState outer = null;
    long skip = 0;
    if (resuming && epochStart != null) {
      outer = RandomState.of((Generator) null, null);
      epochStart.restore(options.generator, samplerGenerator());
      skip = position;
    } else {
      epochStart = RandomState.of(options.generator, samplerGenerator());
      position = 0;
    }
    resuming = false;
    started = true;
    // Python's loader draws a seed for its workers, whether it has any or not.
    Draws.seed(options.generator);
    Iterator<Supplier<@Nullable B>> batches = source.get();
    for (long i = 0; i < skip && batches.hasNext(); i++) {
      Supplier<@Nullable B> skipped = batches.next();
      // What comes next in a stream is only known once the batches before it were read.
      if (isStream()) discard(skipped);
    }
    // The order is drawn here, not with the first batch, so that a state saved in between is whole.
    var _ = batches.hasNext();
    // The default generator is the caller's again.
    if (outer != null) outer.restore(null, null);
    return new BatchIterator<>(this, batches, ++iterations);
  }

  /// Where the loader stands, for an exact resume: put it in a checkpoint. The iteration made last
  /// counts.
  ///
  /// @return `epoch`, `position` (batches taken), `started` (whether inside an iteration), and the
  ///   state that the generators had when the iteration began
  public Map<String, Object> state() {
    var state = new LinkedHashMap<String, Object>();
    state.put("epoch", epoch);
    state.put("position", position);
    state.put("started", started);
    RandomState random =
        started && epochStart != null
            ? epochStart
            : RandomState.of(options.generator, samplerGenerator());
    state.put("generator", random.loader());
    Tensor sampler = random.sampler();
    if (sampler != null) state.put("sampler_generator", sampler);
    return state;
  }

  /// Goes back to a saved state: the next iteration gives the batches that the saved one had still
  /// to give. What was drawn from the default generator is drawn again and the generator then left
  /// as it was, since its state is the caller's to restore.
  ///
  /// @param state as {@link #state} returned it, of a loader made alike
  /// @throws ValueException if something is missing
  public void loadState(Map<String, ?> state) {
    if (!(state.get("epoch") instanceof Number savedEpoch)
        || !(state.get("position") instanceof Number savedPosition)
        || !(state.get("started") instanceof Boolean savedStarted)
        || !(state.get("generator") instanceof Tensor generator)) {
      throw new ValueException(
          "a loader's state has epoch, position, started and generator, but this has "
              + state.keySet());
    }
    Tensor sampler = state.get("sampler_generator") instanceof Tensor saved ? saved : null;
    epoch = savedEpoch.longValue();
    position = savedPosition.longValue();
    started = savedStarted;
    iterations++;
    epochStart = RandomState.of(generator, sampler);
    resuming = savedStarted;
    if (!savedStarted && options.generator != null) {
      epochStart.restore(options.generator, samplerGenerator());
    }
  }

  /// Whether the batches are those of an {@link IterableDataset}, so that nobody knows how many
  /// there are.
  ///
  /// @return whether {@link #size} has no answer
  public boolean isStream() {
    return batchSampler == null;
  }

  private static void discard(Supplier<?> batch) {
    TensorScope.scope(() -> {
      var _ = batch.get();
    });
  }

  private @Nullable Generator samplerGenerator() {
    Generator own = batchSampler == null ? null : batchSampler.generator();
    return own == options.generator ? null : own;
  }

  void taken(long iteration) {
    if (iteration != iterations) return;
    position++;
    if (options.progress != null) options.progress.taken(position, isStream() ? -1 : size());
  }

  void ended(long iteration) {
    if (iteration != iterations) return;
    epoch++;
    position = 0;
    started = false;
  }

  /// Makes batches of a dataset found by index.
  private record Fetch<T, B>(
      Dataset<T> dataset, Collate<? super T, ? extends B> collate, boolean pinMemory) {
    B batch(int[] indices) {
      return PinMemory.of(gather(indices), pinMemory);
    }

    @SuppressWarnings("unchecked") // the default collation makes a T of T, so B is T
    private B gather(int[] indices) {
      if (DefaultCollate.is(collate) && dataset instanceof BatchDataset<T> batches) {
        return (B) batches.getBatch(indices);
      }
      if (DefaultCollate.is(collate)
          && dataset instanceof Subset<T> subset
          && subset.dataset() instanceof BatchDataset<T> batches) {
        return (B) batches.getBatch(subset.resolve(indices));
      }
      var samples = new ArrayList<T>(indices.length);
      for (int index : indices) samples.add(dataset.get(index));
      return ((Collate<T, ? extends B>) collate).collate(samples);
    }
  }
}
