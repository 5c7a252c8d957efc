package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The functions of {@link Functional} that pool, unpool, fold and unfold, as far as they are more
/// than an operator.
abstract class PoolingFunctions extends ComposedLossFunctions {
  private static final long[] NONE = {0};
  private static final long[] ONE = {1};

  PoolingFunctions() {}

  /// Puts maxima back where they stood in a sequence, and zeros elsewhere.
  ///
  /// @param input the maxima $(N, C, L_{in})$ or $(C, L_{in})$
  /// @param indices where each stood
  /// @param kernelSize the size of the window, one value
  /// @param stride by how much it moved; null for its size
  /// @param padding by how much the input was padded
  /// @param outputSize the size before pooling, of the spatial or of all dimensions; null for the
  ///   least
  /// @return a tensor of that size
  /// @throws ValueException if pooling does not map that size to the input's
  /// @throws dev.pantorch.TorchException if shapes or indices do not fit
  public static Tensor maxUnpool1d(
      Tensor input,
      Tensor indices,
      long[] kernelSize,
      long @Nullable [] stride,
      long[] padding,
      long @Nullable [] outputSize) {
    long[] window = Sizes.of(kernelSize).expand(1);
    long[] step = Sizes.of(strideOr(kernelSize, stride)).expand(1);
    long[] border = Sizes.of(padding).expand(1);
    long[] size = unpooled(input, window, step, border, outputSize);
    return maxUnpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), size[0], 1).squeeze(-1);
  }

  /// Puts maxima back where they stood in an image, and zeros elsewhere.
  ///
  /// @param input the maxima $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$
  /// @param indices where each stood
  /// @param kernelSize the size of the window, one value or 2
  /// @param stride by how much it moved; null for its size
  /// @param padding by how much the input was padded
  /// @param outputSize the size before pooling, of the spatial or of all dimensions; null for the
  ///   least
  /// @return a tensor of that size
  /// @throws ValueException if pooling does not map that size to the input's
  /// @throws dev.pantorch.TorchException if shapes or indices do not fit
  public static Tensor maxUnpool2d(
      Tensor input,
      Tensor indices,
      long[] kernelSize,
      long @Nullable [] stride,
      long[] padding,
      long @Nullable [] outputSize) {
    long[] window = Sizes.of(kernelSize).expand(2);
    long[] step = Sizes.of(strideOr(kernelSize, stride)).expand(2);
    long[] border = Sizes.of(padding).expand(2);
    long[] size = unpooled(input, window, step, border, outputSize);
    return maxUnpool2d(input, indices, size);
  }

  /// Puts maxima back where they stood in a volume, and zeros elsewhere.
  ///
  /// @param input the maxima $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$
  /// @param indices where each stood
  /// @param kernelSize the size of the window, one value or 3
  /// @param stride by how much it moved; null for its size
  /// @param padding by how much the input was padded
  /// @param outputSize the size before pooling, of the spatial or of all dimensions; null for the
  ///   least
  /// @return a tensor of that size
  /// @throws ValueException if pooling does not map that size to the input's
  /// @throws dev.pantorch.TorchException if shapes or indices do not fit
  public static Tensor maxUnpool3d(
      Tensor input,
      Tensor indices,
      long[] kernelSize,
      long @Nullable [] stride,
      long[] padding,
      long @Nullable [] outputSize) {
    long[] window = Sizes.of(kernelSize).expand(3);
    long[] step = Sizes.of(strideOr(kernelSize, stride)).expand(3);
    long[] border = Sizes.of(padding).expand(3);
    long[] size = unpooled(input, window, step, border, outputSize);
    return maxUnpool3d(input, indices, size, step, border);
  }

  /// The power average of each window of a sequence, as {@link LPPool1d} has it.
  ///
  /// @param input a tensor $(N, C, L_{in})$ or $(C, L_{in})$
  /// @param normType the power, infinity for the maximum
  /// @param kernelSize the size of the window, one value
  /// @param stride by how much it moves; null for its size
  /// @param ceilMode whether windows that end beyond the input count
  /// @return the averages
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public static Tensor lpPool1d(
      Tensor input,
      double normType,
      long[] kernelSize,
      long @Nullable [] stride,
      boolean ceilMode) {
    long[] step = strideOr(kernelSize, stride);
    return lpPool(
        input,
        normType,
        Sizes.of(kernelSize).expand(1),
        x -> maxPool1d(x, kernelSize, step, NONE, ONE, ceilMode),
        x -> avgPool1d(x, kernelSize, step, NONE, ceilMode));
  }

  /// The power average of each window of an image, as {@link LPPool2d} has it.
  ///
  /// @param input a tensor $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$
  /// @param normType the power, infinity for the maximum
  /// @param kernelSize the size of the window, one value or 2
  /// @param stride by how much it moves; null for its size
  /// @param ceilMode whether windows that end beyond the input count
  /// @return the averages
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public static Tensor lpPool2d(
      Tensor input,
      double normType,
      long[] kernelSize,
      long @Nullable [] stride,
      boolean ceilMode) {
    long[] step = strideOr(kernelSize, stride);
    return lpPool(
        input,
        normType,
        Sizes.of(kernelSize).expand(2),
        x -> maxPool2d(x, kernelSize, step, NONE, ONE, ceilMode),
        x -> avgPool2d(x, kernelSize, step, NONE, ceilMode));
  }

  /// The power average of each window of a volume, as {@link LPPool3d} has it.
  ///
  /// @param input a tensor $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$
  /// @param normType the power, infinity for the maximum
  /// @param kernelSize the size of the window, one value or 3
  /// @param stride by how much it moves; null for its size
  /// @param ceilMode whether windows that end beyond the input count
  /// @return the averages
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public static Tensor lpPool3d(
      Tensor input,
      double normType,
      long[] kernelSize,
      long @Nullable [] stride,
      boolean ceilMode) {
    long[] step = strideOr(kernelSize, stride);
    return lpPool(
        input,
        normType,
        Sizes.of(kernelSize).expand(3),
        x -> maxPool3d(x, kernelSize, step, NONE, ONE, ceilMode),
        x -> avgPool3d(x, kernelSize, step, NONE, ceilMode));
  }

  private static Tensor lpPool(
      Tensor input,
      double normType,
      long[] sizes,
      UnaryOperator<Tensor> maxPool,
      UnaryOperator<Tensor> avgPool) {
    if (Double.isInfinite(normType)) {
      return normType > 0 ? maxPool.apply(input.abs()) : maxPool.apply(input.abs().neg()).neg();
    }
    Tensor mean = avgPool.apply(input.pow(normType));
    double window = 1;
    for (long size : sizes) window *= size;
    return mean.sign().mul(Functional.relu(mean.abs())).mul(window).pow(1.0 / normType);
  }

  private static long[] strideOr(long[] kernelSize, long @Nullable [] stride) {
    return stride == null ? kernelSize : stride;
  }

  private static long[] unpooled(
      Tensor input,
      long[] kernelSize,
      long[] stride,
      long[] padding,
      long @Nullable [] outputSize) {
    int dimensions = kernelSize.length;
    long[] shape = input.shape();
    if (shape.length < dimensions) {
      throw new ValueException("Input dimension should be at least %d".formatted(dimensions + 1));
    }
    long[] least = new long[dimensions];
    for (int d = 0; d < dimensions; d++) {
      least[d] =
          (shape[shape.length - dimensions + d] - 1) * stride[d] + kernelSize[d] - 2 * padding[d];
    }
    long[] size = outputSize == null ? least : wanted(outputSize, least, stride);
    for (int d = 0; d < dimensions; d++) {
      if (size[d] < 0) {
        throw new ValueException(
            "max_unpooling: output_size must contain non-negative spatial dimensions, but got output_size[%d]=%d"
                .formatted(d, size[d]));
      }
    }
    return size;
  }

  private static long[] wanted(long[] outputSize, long[] least, long[] stride) {
    int dimensions = least.length;
    long[] size = outputSize;
    if (size.length == dimensions + 2) size = Arrays.copyOfRange(size, 2, size.length);
    if (size.length != dimensions) {
      throw new ValueException(
          "output_size should be a sequence containing %d or %d elements, but it has a length of '%d'"
              .formatted(dimensions, dimensions + 2, size.length));
    }
    for (int d = 0; d < dimensions; d++) {
      long low = least[d] - stride[d];
      long high = least[d] + stride[d];
      if (size[d] <= low || size[d] >= high) {
        throw new ValueException(
            "invalid output_size \"%s\" (dim %d must be between %d and %d)"
                .formatted(PythonText.list(size), d, low, high));
      }
    }
    return size;
  }

  /// Gathers the windows of an image as columns.
  ///
  /// @param input a tensor $(N, C, H, W)$ or $(C, H, W)$
  /// @param kernelSize the size of the window, one value or two
  /// @param dilation how far its elements are apart, one value or two
  /// @param padding by how much the input is padded with zeros, one value or two
  /// @param stride by how much the window moves, one value or two
  /// @return a tensor $(N, C \prod kernelSize, L)$ or $(C \prod kernelSize, L)$ with one column for
  ///   each place of the window
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public static Tensor unfold(
      Tensor input, long[] kernelSize, long[] dilation, long[] padding, long[] stride) {
    return im2col(input, two(kernelSize), two(dilation), two(padding), two(stride));
  }

  /// Adds up columns into the windows of an image, where they overlap too: the transpose of {@link
  /// #unfold}.
  ///
  /// @param input a tensor $(N, C \prod kernelSize, L)$ or $(C \prod kernelSize, L)$
  /// @param outputSize the size of the image, one value or two
  /// @param kernelSize the size of the window, one value or two
  /// @param dilation how far its elements are apart, one value or two
  /// @param padding by how much the image was padded, one value or two
  /// @param stride by how much the window moves, one value or two
  /// @return a tensor $(N, C, H, W)$ or $(C, H, W)$
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public static Tensor fold(
      Tensor input,
      long[] outputSize,
      long[] kernelSize,
      long[] dilation,
      long[] padding,
      long[] stride) {
    return col2im(
        input, two(outputSize), two(kernelSize), two(dilation), two(padding), two(stride));
  }

  private static long[] two(long[] sizes) {
    return Sizes.of(sizes).expand(2);
  }
}
