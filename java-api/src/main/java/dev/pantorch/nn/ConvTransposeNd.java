package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;

/// What transposed convolutions of all dimensions have in common.
abstract class ConvTransposeNd extends ConvNd {
  /// Options that all transposed convolutions have.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends ConvNd.Options<S> {
    Options() {}

    /// By how much the output is larger on one side than it need be: a strided convolution maps
    /// several sizes to one, and this says which of them is meant.
    ///
    /// @param outputPadding one value, or one for each dimension; 0 unless set
    /// @return these options
    public S outputPadding(long... outputPadding) {
      this.outputPadding = Sizes.of(outputPadding);
      return self();
    }
  }

  ConvTransposeNd(
      int dimensions, long inChannels, long outChannels, Sizes kernelSize, Options<?> options) {
    super(dimensions, true, inChannels, outChannels, kernelSize, options);
  }

  /// What hooks see as the input of a call with an output size.
  ///
  /// @param input the input
  /// @param outputSize the wanted size of the output, in its last dimensions or in all
  @SuppressWarnings("ArrayRecordComponent") // hooks read it; nothing compares it
  record Input(Tensor input, long[] outputSize) {}

  /// Applies the transposed convolution.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the output
  /// @throws dev.pantorch.TorchException if dimensions or channels do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> convolve(x, outputPadding));
  }

  /// Applies the transposed convolution for an output of a given size.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @param outputSize the wanted size of the output, in its last dimensions or in all
  /// @return the output
  /// @throws ValueException if no output padding gives that size
  /// @throws dev.pantorch.TorchException if dimensions or channels do not fit
  public Tensor forward(Tensor input, long... outputSize) {
    return hooked(
        new Input(input, outputSize),
        given -> convolve(given.input, outputPadding(given.input, given.outputSize)));
  }

  abstract Tensor convolve(Tensor input, long[] outputPadding);

  private long[] outputPadding(Tensor input, long[] outputSize) {
    long[] shape = input.shape();
    int leading = shape.length == dimensions + 2 ? 2 : 1;
    long[] wanted = outputSize;
    if (wanted.length == leading + dimensions) {
      wanted = Arrays.copyOfRange(wanted, leading, wanted.length);
    }
    if (wanted.length != dimensions || shape.length < leading + dimensions) {
      throw new ValueException(
          "ConvTranspose%dD: for %dD input, output_size must have %d or %d elements (got %d)"
              .formatted(
                  dimensions, shape.length, dimensions, leading + dimensions, wanted.length));
    }
    long[] least = new long[dimensions];
    long[] greatest = new long[dimensions];
    long[] extra = new long[dimensions];
    boolean fits = true;
    for (int d = 0; d < dimensions; d++) {
      least[d] =
          (shape[d + leading] - 1) * stride[d]
              - 2 * padding[d]
              + dilation[d] * (kernelSize[d] - 1)
              + 1;
      greatest[d] = least[d] + stride[d] - 1;
      extra[d] = wanted[d] - least[d];
      fits &= wanted[d] >= least[d] && wanted[d] <= greatest[d];
    }
    if (!fits) {
      throw new ValueException(
          "requested an output size of %s, but valid sizes range from %s to %s (for an input of %s)"
              .formatted(
                  PythonText.list(wanted),
                  PythonText.list(least),
                  PythonText.list(greatest),
                  PythonText.size(Arrays.copyOfRange(shape, 2, shape.length))));
    }
    return extra;
  }
}
