package dev.pantorch.data;

import dev.pantorch.Generator;
import org.jspecify.annotations.Nullable;

/// The order in which samples are taken: indices one by one (`Sampler<Integer>`), or batch by batch
/// (`Sampler<int[]>`).
///
/// ```java
/// class Backwards implements Sampler<Integer> {
///   @Override
///   public int size() {
///     return data.size();
///   }
///
///   @Override
///   public Iterator<Integer> iterator() {
///     return IntStream.range(0, size()).map(i -> size() - 1 - i).iterator();
///   }
/// }
/// ```
///
/// [torch.utils.data.Sampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.Sampler)
///
/// @param <I> an index or a batch of indices
public interface Sampler<I> extends Iterable<I> {
  /// How many indices or batches one iteration gives.
  ///
  /// @return the number
  int size();

  /// Where the sampler draws its random numbers from, so that a loader can save its state.
  ///
  /// @return a generator of its own, or null if it draws from the default generator or not at all
  default @Nullable Generator generator() {
    return null;
  }
}
