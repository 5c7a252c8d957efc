package dev.pantorch.data;

import dev.pantorch.DType;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import org.jspecify.annotations.Nullable;

/// Random indices, drawn by the calls that Python makes.
final class Draws {
  private Draws() {}

  /// `torch.empty((), dtype=torch.int64).random_(generator=generator).item()`.
  static long seed(@Nullable Generator generator) {
    try (Tensor seed = Torch.empty(DType.INT64, new long[0])) {
      if (generator == null) {
        seed.random_();
      } else {
        seed.random_(generator);
      }
      return seed.itemLong();
    }
  }

  static int[] permutation(int size, @Nullable Generator generator) {
    try (Tensor order =
        generator == null ? Torch.randperm(size) : Torch.randperm(size, generator)) {
      return indices(order);
    }
  }

  static int[] below(int high, int count, Generator generator) {
    try (Tensor drawn = Torch.randint(generator, high, new long[] {count})) {
      return indices(drawn);
    }
  }

  static int[] indices(Tensor drawn) {
    long[] values = drawn.toLongArray();
    int[] indices = new int[values.length];
    for (int i = 0; i < values.length; i++) indices[i] = (int) values[i];
    return indices;
  }

  /// A generator of one's own where none was given: seeded by the default one.
  static Generator orOwn(@Nullable Generator generator) {
    return generator != null ? generator : new Generator().manualSeed(seed(null));
  }
}
