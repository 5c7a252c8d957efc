package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What fractional maximum pooling of all dimensions has in common.
abstract class FractionalMaxPoolNd extends Layer {
  private final int dimensions;
  final long[] kernelSize;
  private final long @Nullable [] outputSize;
  private final double @Nullable [] outputRatio;
  private final @Nullable Tensor randomSamples;

  /// Options that all fractional maximum pooling has.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> {
    private @Nullable Sizes outputSize;
    private double @Nullable [] outputRatio;
    private @Nullable Tensor randomSamples;

    Options() {}

    /// The size of the output.
    ///
    /// @param outputSize one value, or one for each dimension
    /// @return these options
    public S outputSize(long... outputSize) {
      this.outputSize = Sizes.of(outputSize);
      return self();
    }

    /// The size of the output as a fraction of the input's.
    ///
    /// @param outputRatio one value, or one for each dimension, each between 0 and 1
    /// @return these options
    public S outputRatio(double... outputRatio) {
      this.outputRatio = outputRatio.clone();
      return self();
    }

    /// Where the windows lie, instead of drawing that in every call.
    ///
    /// @param randomSamples a tensor $(N, C, dimensions)$ of values from 0 to 1
    /// @return these options
    public S randomSamples(Tensor randomSamples) {
      this.randomSamples = randomSamples;
      return self();
    }

    @SuppressWarnings("unchecked") // each subclass passes itself
    private S self() {
      return (S) this;
    }
  }

  FractionalMaxPoolNd(int dimensions, Sizes kernelSize, Options<?> options) {
    this.dimensions = dimensions;
    this.kernelSize = kernelSize.expand(dimensions);
    Sizes size = options.outputSize;
    double[] ratio = options.outputRatio;
    if (dimensions == 3 && Arrays.stream(this.kernelSize).anyMatch(k -> k <= 0)) {
      throw new ValueException("kernel_size must be greater than 0, but got " + kernelSize);
    }
    if (size == null && ratio == null) {
      throw new ValueException(
          "FractionalMaxPool%dd requires specifying either an output size, or a pooling ratio"
              .formatted(dimensions));
    }
    if (size != null && ratio != null) {
      throw new ValueException("only one of output_size and output_ratio may be specified");
    }
    outputSize = size == null ? null : size.expand(dimensions);
    outputRatio = ratio == null ? null : each(ratio);
    Tensor samples = options.randomSamples;
    randomSamples = samples == null ? null : registerBuffer("_random_samples", samples);
  }

  private double[] each(double[] ratio) {
    double[] all = ratio;
    if (ratio.length == 1) {
      all = new double[dimensions];
      Arrays.fill(all, ratio[0]);
    }
    if (all.length != dimensions || !Arrays.stream(all).allMatch(r -> r > 0 && r < 1)) {
      String given =
          Arrays.stream(ratio).mapToObj(PythonText::number).collect(Collectors.joining(", "));
      throw new ValueException(
          "output_ratio must be between 0 and 1 (got %s)"
              .formatted(ratio.length == 1 ? given : "(" + given + ")"));
    }
    return all;
  }

  /// Takes the maxima.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the maxima
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> pool(x).output());
  }

  /// Takes the maxima and says where they stood: Python's `return_indices=True`.
  ///
  /// @param input a batch, or a single input without its dimension
  /// @return the maxima and their indices
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public Pooled forwardWithIndices(Tensor input) {
    return hooked(input, this::pool);
  }

  private Pooled pool(Tensor input) {
    long[] shape = input.shape();
    int leading = shape.length - dimensions;
    if (leading != 1 && leading != 2) {
      throw new ValueException(
          "expected %dD or %dD input (got %dD input)"
              .formatted(dimensions + 1, dimensions + 2, shape.length));
    }
    long[] size = outputSize;
    if (size == null) {
      size = new long[dimensions];
      for (int d = 0; d < dimensions; d++) {
        size[d] = (long) ((double) shape[leading + d] * ratio(d));
      }
    }
    Tensor samples = randomSamples;
    if (samples == null) {
      long batch = leading == 1 ? 1 : shape[0];
      samples = Torch.rand(input.dtype().on(input.device()), batch, shape[leading - 1], dimensions);
    }
    return pool(input, size, samples);
  }

  private double ratio(int dimension) {
    double[] ratio = outputRatio;
    return ratio == null ? 1 : ratio[dimension];
  }

  abstract Pooled pool(Tensor input, long[] outputSize, Tensor randomSamples);
}
