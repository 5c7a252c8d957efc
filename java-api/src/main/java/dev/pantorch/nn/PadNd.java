package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import org.jspecify.annotations.Nullable;

/// What all padding layers have in common.
abstract class PadNd extends Layer {
  final int dimensions;
  final long[] padding;
  private final String mode;
  private final @Nullable Double value;

  PadNd(int dimensions, long[] padding, String mode, @Nullable Double value) {
    this.dimensions = dimensions;
    this.padding = Sizes.of(padding).expand(2 * dimensions);
    if (this.padding.length != 2 * dimensions) {
      throw new ValueException(
          "padding of %s must be one value or %d, got %s"
              .formatted(getClass().getSimpleName(), 2 * dimensions, PythonText.tuple(padding)));
    }
    this.mode = mode;
    this.value = value;
  }

  /// Pads.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return a tensor whose last dimensions have grown by the padding
  /// @throws dev.pantorch.TorchException if the dimensions do not fit, or the padding is larger
  ///   than the input where that is what it is made of
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.pad(checked(x), padding, mode, value));
  }

  /// The input, if it has the right number of dimensions.
  Tensor checked(Tensor input) {
    return input;
  }

  @Override
  protected String extraRepr() {
    return PythonText.tuple(padding);
  }
}
