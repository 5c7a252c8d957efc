package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;
import org.jspecify.annotations.Nullable;

/// What the inverses of maximum pooling have in common.
abstract class MaxUnpoolNd extends Module {
  final long[] kernelSize;
  final long[] stride;
  final long[] padding;

  /// Options that all inverses of maximum pooling have.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends PoolOptions<S> {
    private Sizes padding = Sizes.of(0);

    Options() {}

    /// By how much the input is padded on both sides in the pooling.
    ///
    /// @param padding one value, or one for each dimension, at most half the window; 0 unless set
    /// @return these options
    public S padding(long... padding) {
      this.padding = Sizes.of(padding);
      return self();
    }
  }

  /// What hooks see as the input.
  ///
  /// @param input the maxima
  /// @param indices where each stood
  /// @param outputSize the wanted size, null for the least
  @SuppressWarnings("ArrayRecordComponent") // hooks read it; nothing compares it
  record Input(Tensor input, Tensor indices, long @Nullable [] outputSize) {}

  MaxUnpoolNd(int dimensions, Sizes kernelSize, Options<?> options) {
    this.kernelSize = kernelSize.expand(dimensions);
    stride = options.strideOr(kernelSize).expand(dimensions);
    padding = options.padding.expand(dimensions);
  }

  /// Puts maxima back where they stood, and zeros elsewhere.
  ///
  /// @param input the maxima
  /// @param indices where each stood, as {@link Pooled} has it
  /// @return a tensor of the least size that pooling maps to the input's
  /// @throws dev.pantorch.TorchException if shapes or indices do not fit
  public Tensor forward(Tensor input, Tensor indices) {
    return run(new Input(input, indices, null));
  }

  /// Puts maxima back where they stood, and zeros elsewhere, for an output of a given size.
  ///
  /// @param input the maxima
  /// @param indices where each stood, as {@link Pooled} has it
  /// @param outputSize the size before pooling, of the spatial or of all dimensions
  /// @return a tensor of that size
  /// @throws dev.pantorch.ValueException if pooling does not map that size to the input's
  /// @throws dev.pantorch.TorchException if shapes or indices do not fit
  public Tensor forward(Tensor input, Tensor indices, long... outputSize) {
    return run(new Input(input, indices, outputSize));
  }

  private Tensor run(Input all) {
    return hooked(all, given -> unpool(given.input, given.indices, given.outputSize));
  }

  abstract Tensor unpool(Tensor input, Tensor indices, long @Nullable [] outputSize);

  @Override
  protected String extraRepr() {
    return "kernel_size=%s, stride=%s, padding=%s"
        .formatted(
            PythonText.tuple(kernelSize), PythonText.tuple(stride), PythonText.tuple(padding));
  }
}
