package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The squared error where it is small, the absolute error elsewhere: $(x - y)^2 / 2$ if $|x - y| <
/// \delta$, else $\delta (|x - y| - \delta / 2)$ (Huber 1964).
///
/// ```java
/// Tensor loss = new HuberLoss().forward(input, target);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.HuberLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.HuberLoss.html)
public final class HuberLoss extends Loss {
  private final double delta;

  /// Options of {@link HuberLoss}.
  public static final class Options extends Loss.Options<Options> {
    private double delta = 1.0;

    private Options() {}

    /// Sets where the one becomes the other.
    ///
    /// @param delta positive; 1 unless set
    /// @return these options
    public Options delta(double delta) {
      this.delta = delta;
      return this;
    }
  }

  /// The mean over all elements.
  public HuberLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public HuberLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private HuberLoss(Options options) {
    super(options.reduction);
    delta = options.delta;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.huberLoss(input, target, reduction, delta, null);
  }
}
