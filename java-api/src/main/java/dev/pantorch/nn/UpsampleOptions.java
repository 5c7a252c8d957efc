package dev.pantorch.nn;

import org.jspecify.annotations.Nullable;

/// Options that {@link Upsample} and its special cases have: one of the two must be set.
///
/// @param <S> the options of the layer, for chaining
abstract class UpsampleOptions<S extends UpsampleOptions<S>> {
  @Nullable Sizes size;
  double @Nullable [] scaleFactor;

  UpsampleOptions() {}

  /// The size of the output.
  ///
  /// @param size one value, or one for each spatial dimension
  /// @return these options
  public S size(long... size) {
    this.size = Sizes.of(size);
    return self();
  }

  /// The size of the output as a multiple of the input's.
  ///
  /// @param scaleFactor one value, or one for each spatial dimension
  /// @return these options
  public S scaleFactor(double... scaleFactor) {
    this.scaleFactor = scaleFactor.clone();
    return self();
  }

  @SuppressWarnings("unchecked") // each subclass passes itself
  final S self() {
    return (S) this;
  }
}
