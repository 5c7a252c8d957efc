package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The Kullback-Leibler divergence of log-probabilities from the target: $y (\log y - x)$.
/// Mathematics has it with {@link Reduction#BATCHMEAN}.
///
/// ```java
/// Tensor loss = new KLDivLoss().forward(input, target);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.KLDivLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.KLDivLoss.html)
public final class KLDivLoss extends Loss {
  private final boolean logTarget;

  /// Options of {@link KLDivLoss}.
  public static final class Options extends Loss.Options<Options> {
    private boolean logTarget;

    private Options() {}

    /// Says that the target is log-probabilities too.
    ///
    /// @param logTarget whether it is; false unless set
    /// @return these options
    public Options logTarget(boolean logTarget) {
      this.logTarget = logTarget;
      return this;
    }
  }

  /// The mean over all elements.
  public KLDivLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public KLDivLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private KLDivLoss(Options options) {
    super(options.reduction);
    logTarget = options.logTarget;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.klDiv(input, target, reduction, logTarget);
  }
}
