package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Samples in random order, each once or with replacement. With one seed the order is Python's.
///
/// ```java
/// var sampler = new RandomSampler(data, o -> o.replacement(true).numSamples(1000));
/// ```
///
/// [torch.utils.data.RandomSampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.RandomSampler)
public final class RandomSampler implements Sampler<Integer> {
  // Python draws with replacement in pieces of this size.
  private static final int PIECE = 32;

  private final Dataset<?> dataset;
  private final boolean replacement;
  private final @Nullable Integer numSamples;
  private final @Nullable Generator generator;

  /// Options of {@link RandomSampler}.
  public static final class Options {
    private boolean replacement;
    private @Nullable Integer numSamples;
    private @Nullable Generator generator;

    private Options() {}

    /// Whether a sample may be drawn again.
    ///
    /// @param replacement false unless set
    /// @return these options
    public Options replacement(boolean replacement) {
      this.replacement = replacement;
      return this;
    }

    /// How many samples are drawn.
    ///
    /// @param numSamples the dataset's size unless set
    /// @return these options
    public Options numSamples(int numSamples) {
      this.numSamples = numSamples;
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

  /// Each sample once, in random order.
  ///
  /// @param dataset what is sampled
  /// @throws ValueException if it is empty
  public RandomSampler(Dataset<?> dataset) {
    this(dataset, o -> {});
  }

  /// Random samples.
  ///
  /// @param dataset what is sampled
  /// @param settings sets the options
  /// @throws ValueException if there is nothing to draw
  public RandomSampler(Dataset<?> dataset, Consumer<Options> settings) {
    var options = new Options();
    settings.accept(options);
    this.dataset = dataset;
    replacement = options.replacement;
    numSamples = options.numSamples;
    generator = options.generator;
    if (size() <= 0) {
      throw new ValueException(
          "num_samples should be a positive integer value, but got num_samples=" + size());
    }
    if (dataset.size() == 0) throw new ValueException("cannot draw from an empty dataset");
  }

  @Override
  public int size() {
    return numSamples == null ? dataset.size() : numSamples;
  }

  @Override
  public @Nullable Generator generator() {
    return generator;
  }

  @Override
  public Iterator<Integer> iterator() {
    int wanted = size();
    int n = dataset.size();
    int piece = replacement ? PIECE : n;
    int full = wanted / piece;
    // The last piece is drawn even if nothing of it is wanted, as Python does.
    return new ChunkedIndices(
        full + 1,
        new java.util.function.IntFunction<>() {
          private @Nullable Generator source;

          @Override
          public int[] apply(int chunk) {
            // The seed is drawn with the first index, not before: Python's iterator is lazy.
            if (source == null) source = Draws.orOwn(generator);
            int count = chunk < full ? piece : wanted % piece;
            return replacement
                ? Draws.below(n, count, source)
                : Arrays.copyOf(Draws.permutation(n, source), count);
          }
        });
  }
}
