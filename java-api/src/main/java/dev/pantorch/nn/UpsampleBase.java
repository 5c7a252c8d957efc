package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What {@link Upsample} and its special cases have in common.
abstract class UpsampleBase extends Layer {
  private final @Nullable Sizes size;
  private final double @Nullable [] scaleFactor;
  private final InterpolationMode mode;
  private final @Nullable Boolean alignCorners;
  private final @Nullable Boolean recomputeScaleFactor;

  UpsampleBase(
      UpsampleOptions<?> options,
      InterpolationMode mode,
      @Nullable Boolean alignCorners,
      @Nullable Boolean recomputeScaleFactor) {
    size = options.size;
    scaleFactor = options.scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.recomputeScaleFactor = recomputeScaleFactor;
  }

  /// Resizes.
  ///
  /// @param input a tensor of the shape that the layer documents
  /// @return the resized tensor
  /// @throws dev.pantorch.ValueException if both or neither of size and scale factor are set, or do
  ///   not fit
  /// @throws dev.pantorch.NotImplementedException if the mode does not know the number of
  ///   dimensions
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x ->
            Functional.interpolate(
                x,
                size == null ? null : size.values(),
                scaleFactor,
                mode,
                alignCorners,
                recomputeScaleFactor,
                false));
  }

  @Override
  protected String extraRepr() {
    return "%s, mode='%s'".formatted(target(), mode.word());
  }

  private String target() {
    if (scaleFactor == null) return "size=" + (size == null ? "None" : size.toString());
    String factors =
        Arrays.stream(scaleFactor).mapToObj(PythonText::number).collect(Collectors.joining(", "));
    return "scale_factor=" + (scaleFactor.length == 1 ? factors : "(" + factors + ")");
  }
}
