package dev.pantorch.nn;

/// Options that {@link Fold} and {@link Unfold} have.
///
/// @param <S> the options of the layer, for chaining
abstract class WindowOptions<S extends WindowOptions<S>> {
  Sizes dilation = Sizes.of(1);
  Sizes padding = Sizes.of(0);
  Sizes stride = Sizes.of(1);

  WindowOptions() {}

  /// How far the elements of a window are apart.
  ///
  /// @param dilation one value, or one for each dimension; 1 unless set
  /// @return these options
  public S dilation(long... dilation) {
    this.dilation = Sizes.of(dilation);
    return self();
  }

  /// By how much the image is padded with zeros on both sides.
  ///
  /// @param padding one value, or one for each dimension; 0 unless set
  /// @return these options
  public S padding(long... padding) {
    this.padding = Sizes.of(padding);
    return self();
  }

  /// By how much the window moves.
  ///
  /// @param stride one value, or one for each dimension; 1 unless set
  /// @return these options
  public S stride(long... stride) {
    this.stride = Sizes.of(stride);
    return self();
  }

  @SuppressWarnings("unchecked") // each subclass passes itself
  private S self() {
    return (S) this;
  }

  /// As Python prints them.
  @Override
  public String toString() {
    return "dilation=%s, padding=%s, stride=%s".formatted(dilation, padding, stride);
  }
}
