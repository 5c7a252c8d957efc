package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What pooling to a given size has in common.
abstract class AdaptivePoolNd extends Layer {
  private final int dimensions;
  private final @Nullable Long[] outputSize;

  AdaptivePoolNd(int dimensions, @Nullable Long[] outputSize) {
    this.dimensions = dimensions;
    this.outputSize = outputSize.clone();
  }

  static @Nullable Long[] boxed(long... sizes) {
    return Arrays.stream(sizes).boxed().toArray(Long[]::new);
  }

  /// Pools.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return a tensor of the wanted size in its last dimensions
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> pool(x, size(x)));
  }

  abstract Tensor pool(Tensor input, long... outputSize);

  /// The wanted size, with the input's where none is given.
  final long[] size(Tensor input) {
    long[] shape = input.shape();
    if (shape.length <= outputSize.length) {
      throw new ValueException("Input dimension should be at least " + (outputSize.length + 1));
    }
    long[] size = new long[dimensions];
    for (int d = 0; d < dimensions; d++) {
      Long wanted = outputSize.length == 1 ? outputSize[0] : outputSize[d];
      size[d] = wanted == null ? shape[shape.length - dimensions + d] : wanted;
    }
    return size;
  }

  @Override
  protected String extraRepr() {
    String sizes =
        Arrays.stream(outputSize)
            .map(s -> s == null ? "None" : s.toString())
            .collect(Collectors.joining(", "));
    return "output_size=" + (outputSize.length == 1 ? sizes : "(" + sizes + ")");
  }
}
