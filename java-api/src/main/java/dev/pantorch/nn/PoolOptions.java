package dev.pantorch.nn;

import org.jspecify.annotations.Nullable;

/// Options that all pooling layers with windows have.
///
/// @param <S> the options of the layer, for chaining
abstract class PoolOptions<S extends PoolOptions<S>> {
  @Nullable Sizes stride;

  PoolOptions() {}

  /// By how much the window moves.
  ///
  /// @param stride one value, or one for each dimension; the window's size unless set
  /// @return these options
  public S stride(long... stride) {
    this.stride = Sizes.of(stride);
    return self();
  }

  @SuppressWarnings("unchecked") // each subclass passes itself
  final S self() {
    return (S) this;
  }

  /// The stride, or the window's size.
  final Sizes strideOr(Sizes kernelSize) {
    Sizes given = stride;
    return given == null ? kernelSize : given;
  }
}
