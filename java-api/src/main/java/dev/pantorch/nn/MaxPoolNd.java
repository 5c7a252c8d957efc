package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// What maximum pooling of all dimensions has in common.
abstract class MaxPoolNd extends Layer {
  final Sizes kernelSize;
  final Sizes stride;
  final Sizes padding;
  final Sizes dilation;
  final boolean ceilMode;

  /// Options that all maximum pooling has.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends PoolOptions<S> {
    private Sizes padding = Sizes.of(0);
    private Sizes dilation = Sizes.of(1);
    private boolean ceilMode;

    Options() {}

    /// By how much the input is padded on both sides, with minus infinity.
    ///
    /// @param padding one value, or one for each dimension, at most half the window; 0 unless set
    /// @return these options
    public S padding(long... padding) {
      this.padding = Sizes.of(padding);
      return self();
    }

    /// How far the elements of a window are apart.
    ///
    /// @param dilation one value, or one for each dimension; 1 unless set
    /// @return these options
    public S dilation(long... dilation) {
      this.dilation = Sizes.of(dilation);
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
  }

  MaxPoolNd(Sizes kernelSize, Options<?> options) {
    this.kernelSize = kernelSize;
    stride = options.strideOr(kernelSize);
    padding = options.padding;
    dilation = options.dilation;
    ceilMode = options.ceilMode;
  }

  /// Takes the maxima.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the maxima
  /// @throws dev.pantorch.TorchException if the dimensions do not fit, or the output would be empty
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::pool);
  }

  /// Takes the maxima and says where they stood: Python's `return_indices=True`.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the maxima and their indices
  /// @throws dev.pantorch.TorchException if the dimensions do not fit, or the output would be empty
  public Pooled forwardWithIndices(Tensor input) {
    return hooked(input, this::poolWithIndices);
  }

  abstract Tensor pool(Tensor input);

  abstract Pooled poolWithIndices(Tensor input);

  @Override
  protected String extraRepr() {
    return "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s"
        .formatted(kernelSize, stride, padding, dilation, PythonText.bool(ceilMode));
  }
}
