package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// What average pooling of all dimensions has in common.
abstract class AvgPoolNd extends Layer {
  final Sizes kernelSize;
  final Sizes stride;
  final Sizes padding;
  final boolean ceilMode;
  final boolean countIncludePad;

  /// Options that all average pooling has.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends PoolOptions<S> {
    private Sizes padding = Sizes.of(0);
    private boolean ceilMode;
    private boolean countIncludePad = true;

    Options() {}

    /// By how much the input is padded on both sides, with zeros.
    ///
    /// @param padding one value, or one for each dimension, at most half the window; 0 unless set
    /// @return these options
    public S padding(long... padding) {
      this.padding = Sizes.of(padding);
      return self();
    }

    /// Whether windows that begin inside the input and end beyond it count.
    ///
    /// @param ceilMode false unless set
    /// @return these options
    public S ceilMode(boolean ceilMode) {
      this.ceilMode = ceilMode;
      return self();
    }

    /// Whether the zeros of the padding count in the mean.
    ///
    /// @param include true unless set
    /// @return these options
    public S countIncludePad(boolean include) {
      countIncludePad = include;
      return self();
    }
  }

  AvgPoolNd(Sizes kernelSize, Options<?> options) {
    this.kernelSize = kernelSize;
    stride = options.strideOr(kernelSize);
    padding = options.padding;
    ceilMode = options.ceilMode;
    countIncludePad = options.countIncludePad;
  }

  /// Takes the means.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the means
  /// @throws dev.pantorch.TorchException if the dimensions do not fit, or the output would be empty
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::pool);
  }

  abstract Tensor pool(Tensor input);

  @Override
  protected String extraRepr() {
    return "kernel_size=%s, stride=%s, padding=%s".formatted(kernelSize, stride, padding);
  }
}
