package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Samples drawn with given probabilities: rare classes as often as common ones. With one seed the
/// order is Python's.
///
/// ```java
/// var sampler = new WeightedRandomSampler(new double[] {0.1, 0.9, 0.4}, 100);
/// ```
///
/// [torch.utils.data.WeightedRandomSampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.WeightedRandomSampler)
public final class WeightedRandomSampler implements Sampler<Integer> {
  private final double[] weights;
  private final int numSamples;
  private final boolean replacement;
  private final @Nullable Generator generator;

  /// Options of {@link WeightedRandomSampler}.
  public static final class Options {
    private boolean replacement = true;
    private @Nullable Generator generator;

    private Options() {}

    /// Whether a sample may be drawn again.
    ///
    /// @param replacement true unless set
    /// @return these options
    public Options replacement(boolean replacement) {
      this.replacement = replacement;
      return this;
    }

    /// Where random numbers come from.
    ///
    /// @param generator the default generator unless set
    /// @return these options
    public Options generator(@Nullable Generator generator) {
      this.generator = generator;
      return this;
    }
  }

  /// Draws with replacement.
  ///
  /// @param weights one for each sample; they need not sum to 1
  /// @param numSamples how many are drawn
  /// @throws ValueException if that is not positive
  public WeightedRandomSampler(double[] weights, int numSamples) {
    this(weights, numSamples, o -> {});
  }

  /// Draws by weight.
  ///
  /// @param weights one for each sample; they need not sum to 1
  /// @param numSamples how many are drawn
  /// @param settings sets the options
  /// @throws ValueException if the number is not positive
  public WeightedRandomSampler(double[] weights, int numSamples, Consumer<Options> settings) {
    if (numSamples <= 0) {
      throw new ValueException(
          "num_samples should be a positive integer value, but got num_samples=" + numSamples);
    }
    var options = new Options();
    settings.accept(options);
    this.weights = weights.clone();
    this.numSamples = numSamples;
    replacement = options.replacement;
    generator = options.generator;
  }

  @Override
  public int size() {
    return numSamples;
  }

  @Override
  public @Nullable Generator generator() {
    return generator;
  }

  @Override
  public Iterator<Integer> iterator() {
    return new ChunkedIndices(
        1,
        chunk -> {
          try (Tensor probabilities = Torch.tensor(weights);
              Tensor drawn = Torch.multinomial(probabilities, numSamples, replacement, generator)) {
            return Draws.indices(drawn);
          }
        });
  }
}
