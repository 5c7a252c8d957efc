package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;
import org.jspecify.annotations.Nullable;

/// What power-average pooling of all dimensions has in common.
abstract class LPPoolNd extends Layer {
  final Number normType;
  final Sizes kernelSize;
  private final @Nullable Sizes stride;
  final boolean ceilMode;

  /// Options that all power-average pooling has.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends PoolOptions<S> {
    private boolean ceilMode;

    Options() {}

    /// Whether windows that begin inside the input and end beyond it count.
    ///
    /// @param ceilMode false unless set
    /// @return these options
    public S ceilMode(boolean ceilMode) {
      this.ceilMode = ceilMode;
      return self();
    }
  }

  LPPoolNd(Number normType, Sizes kernelSize, Options<?> options) {
    this.normType = normType;
    this.kernelSize = kernelSize;
    stride = options.stride;
    ceilMode = options.ceilMode;
  }

  /// Takes the power averages.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the averages
  /// @throws dev.pantorch.TorchException if the dimensions do not fit, or the output would be empty
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> pool(x, normType.doubleValue()));
  }

  abstract Tensor pool(Tensor input, double norm);

  final long @Nullable [] stride(int dimensions) {
    return stride == null ? null : stride.expand(dimensions);
  }

  @Override
  protected String extraRepr() {
    return "norm_type=%s, kernel_size=%s, stride=%s, ceil_mode=%s"
        .formatted(
            PythonText.scalar(normType),
            kernelSize,
            stride == null ? "None" : stride.toString(),
            PythonText.bool(ceilMode));
  }
}
