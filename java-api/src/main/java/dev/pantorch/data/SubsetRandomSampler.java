package dev.pantorch.data;

import dev.pantorch.Generator;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Given samples in random order, each once. With one seed the order is Python's.
///
/// ```java
/// var sampler = new SubsetRandomSampler(0, 5, 7);
/// var loader = new DataLoader<>(data, o -> o.batchSize(2).sampler(sampler));
/// ```
///
/// [torch.utils.data.SubsetRandomSampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.SubsetRandomSampler)
public final class SubsetRandomSampler implements Sampler<Integer> {
  private final int[] indices;
  private final @Nullable Generator generator;

  /// Draws from the default generator.
  ///
  /// @param indices which samples
  public SubsetRandomSampler(int... indices) {
    this(indices, null);
  }

  /// Draws from a generator.
  ///
  /// @param indices which samples
  /// @param generator where random numbers come from; null for the default generator
  public SubsetRandomSampler(int[] indices, @Nullable Generator generator) {
    this.indices = indices.clone();
    this.generator = generator;
  }

  @Override
  public int size() {
    return indices.length;
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
          int[] order = Draws.permutation(indices.length, generator);
          for (int i = 0; i < order.length; i++) order[i] = indices[order[i]];
          return order;
        });
  }
}
