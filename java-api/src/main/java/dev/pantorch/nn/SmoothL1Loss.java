package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The squared error where it is small, the absolute error elsewhere: $(x - y)^2 / 2 \beta$ if $|x
/// - y| < \beta$, else $|x - y| - \beta / 2$ (Girshick 2015).
///
/// ```java
/// Tensor loss = new SmoothL1Loss().forward(input, target);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.SmoothL1Loss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.SmoothL1Loss.html)
public final class SmoothL1Loss extends Loss {
  private final double beta;

  /// Options of {@link SmoothL1Loss}.
  public static final class Options extends Loss.Options<Options> {
    private double beta = 1.0;

    private Options() {}

    /// Sets where the one becomes the other.
    ///
    /// @param beta not negative; 1 unless set
    /// @return these options
    public Options beta(double beta) {
      this.beta = beta;
      return this;
    }
  }

  /// The mean over all elements.
  public SmoothL1Loss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public SmoothL1Loss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private SmoothL1Loss(Options options) {
    super(options.reduction);
    beta = options.beta;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.smoothL1Loss(input, target, reduction, beta);
  }
}
