package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The negative log likelihood of counts with a Poisson distribution: $\exp(x) - y x$, or $x - y
/// \log(x + \epsilon)$ where the input is no logarithm.
///
/// ```java
/// Tensor loss = new PoissonNLLLoss().forward(input, target);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.PoissonNLLLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.PoissonNLLLoss.html)
public final class PoissonNLLLoss extends Loss {
  private final boolean logInput;
  private final boolean full;
  private final double eps;

  /// Options of {@link PoissonNLLLoss}.
  public static final class Options extends Loss.Options<Options> {
    private boolean logInput = true;
    private boolean full;
    private double eps = 1e-8;

    private Options() {}

    /// Says that the input is the logarithm of the rate.
    ///
    /// @param logInput whether it is; true unless set
    /// @return these options
    public Options logInput(boolean logInput) {
      this.logInput = logInput;
      return this;
    }

    /// Adds the approximation by Stirling of what does not depend on the input.
    ///
    /// @param full whether to; false unless set
    /// @return these options
    public Options full(boolean full) {
      this.full = full;
      return this;
    }

    /// Keeps the logarithm from 0.
    ///
    /// @param eps what is added; 1e-8 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }
  }

  /// The mean over all elements.
  public PoissonNLLLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public PoissonNLLLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private PoissonNLLLoss(Options options) {
    super(options.reduction);
    logInput = options.logInput;
    full = options.full;
    eps = options.eps;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.poissonNllLoss(input, target, logInput, full, eps, reduction);
  }
}
