package dev.pantorch.nn;

import dev.pantorch.NotImplementedException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.ops.Internal;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// The functions of {@link Functional} that resize and resample.
abstract class VisionFunctions extends PoolingFunctions {
  VisionFunctions() {}

  /// Resizes a sequence, an image or a volume. One of size and scale factor must be given.
  ///
  /// @param input a tensor $(N, C, L)$, $(N, C, H, W)$ or $(N, C, D, H, W)$
  /// @param size the size of the output in its last dimensions, one value or one for each; or null
  /// @param scaleFactor the factors by which these grow, one value or one for each; or null
  /// @param mode how values are found
  /// @param alignCorners whether the centres of the corners are aligned instead of their outer
  ///   edges; null, meaning no, for the modes that know no such choice
  /// @return the resized tensor
  /// @throws ValueException if both or neither of size and scale factor are given, or do not fit
  /// @throws NotImplementedException if the mode does not know the number of dimensions
  public static Tensor interpolate(
      Tensor input,
      long @Nullable [] size,
      double @Nullable [] scaleFactor,
      InterpolationMode mode,
      @Nullable Boolean alignCorners) {
    return interpolate(input, size, scaleFactor, mode, alignCorners, null, false);
  }

  /// Resizes a sequence, an image or a volume, with all settings. One of size and scale factor must
  /// be given.
  ///
  /// @param input a tensor $(N, C, L)$, $(N, C, H, W)$ or $(N, C, D, H, W)$
  /// @param size the size of the output in its last dimensions, one value or one for each; or null
  /// @param scaleFactor the factors by which these grow, one value or one for each; or null
  /// @param mode how values are found
  /// @param alignCorners whether the centres of the corners are aligned instead of their outer
  ///   edges; null, meaning no, for the modes that know no such choice
  /// @param recomputeScaleFactor whether places are computed with the factors that the rounded size
  ///   of the output gives instead of those given; null for no
  /// @param antialias whether high frequencies are removed before an image is made smaller
  /// @return the resized tensor
  /// @throws ValueException if both or neither of size and scale factor are given, or do not fit
  /// @throws NotImplementedException if the mode does not know the number of dimensions
  public static Tensor interpolate(
      Tensor input,
      long @Nullable [] size,
      double @Nullable [] scaleFactor,
      InterpolationMode mode,
      @Nullable Boolean alignCorners,
      @Nullable Boolean recomputeScaleFactor,
      boolean antialias) {
    boolean knowsNoCorners =
        switch (mode) {
          case NEAREST, NEAREST_EXACT, AREA -> true;
          default -> false;
        };
    if (knowsNoCorners && alignCorners != null) {
      throw new ValueException(
          "align_corners option can only be set with the interpolating modes: linear | bilinear |"
              + " bicubic | trilinear");
    }
    long[] shape = input.shape();
    boolean recompute = recomputeScaleFactor != null && recomputeScaleFactor;
    if (size != null && scaleFactor != null) {
      throw new ValueException("only one of size or scale_factor should be defined");
    }
    if (recompute && size != null) {
      throw new ValueException("recompute_scale_factor is not meaningful with an explicit size.");
    }
    long[] outputSize = size == null ? null : sizes(size, shape);
    double[] scales = scaleFactor == null ? null : scales(scaleFactor, shape);
    if (outputSize == null && scales == null) {
      throw new ValueException("either size or scale_factor should be defined");
    }
    if (scales != null && (recompute || mode == InterpolationMode.AREA)) {
      double[] factors = scales;
      outputSize = new long[factors.length];
      for (int d = 0; d < factors.length; d++) {
        outputSize[d] = (long) ((double) shape[d + 2] * factors[d]);
      }
      scales = null;
    }
    boolean filters =
        switch (mode) {
          case BILINEAR, BICUBIC, LANCZOS -> true;
          default -> false;
        };
    if (antialias && !(filters && shape.length == 4)) {
      throw new ValueException(
          "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a"
              + " 4-D tensor as input");
    }
    boolean corners = alignCorners != null && alignCorners;
    return resample(input, shape.length, outputSize, scales, mode, corners, antialias);
  }

  private static long[] sizes(long[] size, long[] shape) {
    int dimensions = Math.max(0, shape.length - 2);
    long[] all = Sizes.of(size).expand(dimensions);
    if (all.length == dimensions) return all;
    throw new ValueException(
        "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of %s and output size of %s. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format."
            .formatted(spatial(shape), PythonText.tuple(size)));
  }

  private static double[] scales(double[] scaleFactor, long[] shape) {
    int dimensions = Math.max(0, shape.length - 2);
    double[] all = scaleFactor.clone();
    if (all.length == 1) {
      all = new double[dimensions];
      Arrays.fill(all, scaleFactor[0]);
    }
    if (all.length == dimensions) return all;
    String given =
        Arrays.stream(scaleFactor).mapToObj(PythonText::number).collect(Collectors.joining(", "));
    throw new ValueException(
        "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of %s and scale_factor of shape (%s). Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format."
            .formatted(spatial(shape), given));
  }

  private static String spatial(long[] shape) {
    return PythonText.list(
        shape.length < 2 ? new long[0] : Arrays.copyOfRange(shape, 2, shape.length));
  }

  private static Tensor resample(
      Tensor input,
      int dimensions,
      long @Nullable [] size,
      double @Nullable [] scales,
      InterpolationMode mode,
      boolean corners,
      boolean antialias) {
    return switch (mode) {
      case NEAREST ->
          switch (dimensions) {
            case 3 -> upsampleNearest1d(input, size, scales);
            case 4 -> upsampleNearest2d(input, size, scales);
            case 5 -> upsampleNearest3d(input, size, scales);
            default -> throw unknown(dimensions, mode);
          };
      case NEAREST_EXACT ->
          switch (dimensions) {
            case 3 -> Internal.upsampleNearestExact1d(input, size, scales);
            case 4 -> Internal.upsampleNearestExact2d(input, size, scales);
            case 5 -> Internal.upsampleNearestExact3d(input, size, scales);
            default -> throw unknown(dimensions, mode);
          };
      case AREA -> area(input, dimensions, size == null ? new long[0] : size);
      case LINEAR -> {
        if (dimensions != 3) throw unfit(dimensions, mode, 3);
        yield upsampleLinear1d(input, size, corners, scales);
      }
      case BILINEAR -> {
        if (dimensions != 4) throw unfit(dimensions, mode, 4);
        yield antialias
            ? Internal.upsampleBilinear2dAa(input, size, corners, scales)
            : upsampleBilinear2d(input, size, corners, scales);
      }
      case TRILINEAR -> {
        if (dimensions != 5) throw unfit(dimensions, mode, 5);
        yield upsampleTrilinear3d(input, size, corners, scales);
      }
      case BICUBIC -> {
        if (dimensions != 4) throw unknown(dimensions, mode);
        yield antialias
            ? Internal.upsampleBicubic2dAa(input, size, corners, scales)
            : upsampleBicubic2d(input, size, corners, scales);
      }
      case LANCZOS -> {
        if (dimensions != 4) throw unknown(dimensions, mode);
        if (corners) throw new ValueException("Lanczos mode does not support align_corners=True");
        if (!antialias) throw new ValueException("Lanczos mode requires antialias=True");
        yield Internal.upsampleLanczos2dAa(input, size, false, scales);
      }
    };
  }

  private static Tensor area(Tensor input, int dimensions, long[] size) {
    return switch (dimensions) {
      case 3 -> adaptiveAvgPool1d(input, size);
      case 4 -> adaptiveAvgPool2d(input, size);
      case 5 -> adaptiveAvgPool3d(input, size);
      default -> throw unknown(dimensions, InterpolationMode.AREA);
    };
  }

  private static NotImplementedException unfit(int dimensions, InterpolationMode mode, int needed) {
    if (dimensions < 3 || dimensions > 5) return unknown(dimensions, mode);
    return new NotImplementedException(
        "Got %dD input, but %s mode needs %dD input".formatted(dimensions, mode.word(), needed));
  }

  private static NotImplementedException unknown(int dimensions, InterpolationMode mode) {
    return new NotImplementedException(
        "Input Error: Only 3D, 4D and 5D input Tensors supported (got %dD) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got %s)"
            .formatted(dimensions, mode.word()));
  }

  /// Reads an image or a volume at given places.
  ///
  /// @param input a tensor $(N, C, H, W)$ or $(N, C, D, H, W)$
  /// @param grid the places $(N, H_{out}, W_{out}, 2)$ as x and y, or $(N, D_{out}, H_{out},
  ///   W_{out}, 3)$ as x, y and z, from -1 to 1 over the image
  /// @param mode {@link InterpolationMode#BILINEAR}, {@link InterpolationMode#NEAREST} or {@link
  ///   InterpolationMode#BICUBIC}
  /// @param paddingMode what is read outside
  /// @param alignCorners whether -1 and 1 are the centres of the corners instead of their outer
  ///   edges
  /// @return the values $(N, C, H_{out}, W_{out})$ or $(N, C, D_{out}, H_{out}, W_{out})$
  /// @throws ValueException if the mode is another
  /// @throws dev.pantorch.TorchException if the shapes do not fit
  public static Tensor gridSample(
      Tensor input,
      Tensor grid,
      InterpolationMode mode,
      GridPaddingMode paddingMode,
      boolean alignCorners) {
    int code =
        switch (mode) {
          case BILINEAR -> 0;
          case NEAREST -> 1;
          case BICUBIC -> 2;
          default ->
              throw new ValueException(
                  "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '%s'"
                      .formatted(mode.word()));
        };
    int border =
        switch (paddingMode) {
          case ZEROS -> 0;
          case BORDER -> 1;
          case REFLECTION -> 2;
        };
    return Torch.gridSampler(input, grid, code, border, alignCorners);
  }

  /// The places that affine maps read for an output of a given size: what {@link #gridSample} is
  /// given.
  ///
  /// @param theta a batch of maps, $(N, 2, 3)$ for images, $(N, 3, 4)$ for volumes
  /// @param size the size $(N, C, H, W)$ or $(N, C, D, H, W)$ of the output
  /// @param alignCorners whether -1 and 1 are the centres of the corners instead of their outer
  ///   edges
  /// @return the places $(N, H, W, 2)$ or $(N, D, H, W, 3)$
  /// @throws ValueException if the shapes do not fit
  /// @throws NotImplementedException if the size has another number of dimensions
  public static Tensor affineGrid(Tensor theta, long[] size, boolean alignCorners) {
    if (!theta.dtype().isFloatingPoint()) {
      throw new ValueException(
          "Expected theta to have floating point type, but got " + theta.dtype());
    }
    if (size.length != 4 && size.length != 5) {
      throw new NotImplementedException(
          "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size %s."
              .formatted(PythonText.size(size)));
    }
    int rows = size.length - 2;
    long[] shape = theta.shape();
    if (shape.length != 3 || shape[1] != rows || shape[2] != rows + 1) {
      throw new ValueException(
          "Expected a batch of %dD affine matrices of shape Nx%dx%d for size %s. Got %s."
              .formatted(rows, rows, rows + 1, PythonText.size(size), PythonText.size(shape)));
    }
    boolean single = alignCorners && Arrays.stream(size, 2, size.length).min().orElse(0) == 1;
    if (!single && LongStream.of(size).anyMatch(s -> s <= 0)) {
      throw new ValueException(
          "Expected non-zero, positive output size. Got " + PythonText.size(size));
    }
    return Torch.affineGridGenerator(theta, size, alignCorners);
  }
}
