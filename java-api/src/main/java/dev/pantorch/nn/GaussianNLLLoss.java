package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The negative log likelihood of values with normal distributions (Nix and Weigend 1994):
/// $\frac{1}{2} (\log \max(var, \epsilon) + (x - y)^2 / \max(var, \epsilon))$.
///
/// ```java
/// Tensor loss = new GaussianNLLLoss().forward(input, target, var);
/// ```
///
/// **Shape.** Input and target any, and the same; variance the same too, or with a last dimension
/// of 1, or without it; output a scalar, or the input's shape with {@link Reduction#NONE}.
///
/// [torch.nn.GaussianNLLLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.GaussianNLLLoss.html)
public final class GaussianNLLLoss extends Module {
  private final Reduction reduction;
  private final boolean full;
  private final double eps;

  /// Options of {@link GaussianNLLLoss}.
  public static final class Options extends Loss.Options<Options> {
    private boolean full;
    private double eps = 1e-6;

    private Options() {}

    /// Adds the constant.
    ///
    /// @param full whether to; false unless set
    /// @return these options
    public Options full(boolean full) {
      this.full = full;
      return this;
    }

    /// Keeps the variance from 0.
    ///
    /// @param eps what it is at least; 1e-6 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param input the means
  /// @param target the values that were found
  /// @param var the variances, not negative
  public record Input(Tensor input, Tensor target, Tensor var) {}

  /// The mean over all elements.
  public GaussianNLLLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public GaussianNLLLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private GaussianNLLLoss(Options options) {
    reduction = options.reduction;
    full = options.full;
    eps = options.eps;
  }

  /// Computes the loss.
  ///
  /// @param input the means
  /// @param target the values that were found
  /// @param var the variances, not negative
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Tensor forward(Tensor input, Tensor target, Tensor var) {
    return hooked(new Input(input, target, var), this::compute);
  }

  private Tensor compute(Input in) {
    return Functional.gaussianNllLoss(in.input, in.target, in.var, full, eps, reduction);
  }
}
