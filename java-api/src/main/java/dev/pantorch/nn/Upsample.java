package dev.pantorch.nn;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Resizes a sequence, an image or a volume. One of `size` and `scaleFactor` must be set.
///
/// ```java
/// Upsample up = new Upsample(o -> o.scaleFactor(2).mode(InterpolationMode.BILINEAR));
/// Tensor y = up.forward(Torch.randn(1, 1, 2, 2)); // (1, 1, 4, 4)
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$, $(N, C, H_{in}, W_{in})$ or $(N, C, D_{in}, H_{in}, W_{in})$;
/// output the same with the wanted sizes, or $\lfloor H_{in} \cdot scaleFactor \rfloor$ and so on.
///
/// [torch.nn.Upsample](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Upsample.html)
public final class Upsample extends UpsampleBase {
  /// Options of {@link Upsample}.
  public static final class Options extends UpsampleOptions<Options> {
    private InterpolationMode mode = InterpolationMode.NEAREST;
    private @Nullable Boolean alignCorners;
    private @Nullable Boolean recomputeScaleFactor;

    private Options() {}

    /// How values are found.
    ///
    /// @param mode the nearest value unless set
    /// @return these options
    public Options mode(InterpolationMode mode) {
      this.mode = mode;
      return this;
    }

    /// Whether the centres of the corners are aligned instead of their outer edges.
    ///
    /// @param align null, meaning no, unless set; the modes that take the nearest or a mean know no
    ///   such choice
    /// @return these options
    public Options alignCorners(@Nullable Boolean align) {
      alignCorners = align;
      return this;
    }

    /// Whether places are computed with the factors that the rounded size gives instead of those
    /// set.
    ///
    /// @param recompute null, meaning no, unless set
    /// @return these options
    public Options recomputeScaleFactor(@Nullable Boolean recompute) {
      recomputeScaleFactor = recompute;
      return this;
    }
  }

  /// A layer.
  ///
  /// @param settings sets the options
  public Upsample(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private Upsample(Options options) {
    super(options, options.mode, options.alignCorners, options.recomputeScaleFactor);
  }
}
