package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// Measures whether an anchor is nearer to what is like it than to what is not: $\max(0, d(a, p) -
/// d(a, n) + margin)$ with the p-norm $d$ (Balntas and others 2016).
///
/// ```java
/// Tensor loss = new TripletMarginLoss().forward(anchor, positive, negative);
/// ```
///
/// **Shape.** Anchor, positive and negative $(N, D)$ or $(D)$; output a scalar, or $(N)$ with
/// {@link Reduction#NONE}.
///
/// [torch.nn.TripletMarginLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.TripletMarginLoss.html)
public final class TripletMarginLoss extends Module {
  private final Reduction reduction;
  private final double margin;
  private final double p;
  private final double eps;
  private final boolean swap;

  /// Options of {@link TripletMarginLoss}.
  public static final class Options extends Loss.Options<Options> {
    private double margin = 1.0;
    private double p = 2.0;
    private double eps = 1e-6;
    private boolean swap;

    private Options() {}

    /// Sets the margin.
    ///
    /// @param margin how far apart is far enough; 1.0 unless set
    /// @return these options
    public Options margin(double margin) {
      this.margin = margin;
      return this;
    }

    /// Sets the norm.
    ///
    /// @param p the p of the p-norm; 2 unless set
    /// @return these options
    public Options p(double p) {
      this.p = p;
      return this;
    }

    /// Keeps gradients finite.
    ///
    /// @param eps what is added to the differences; 1e-6 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }

    /// Takes the distance between positive and negative where it is the smaller one.
    ///
    /// @param swap whether to; false unless set
    /// @return these options
    public Options swap(boolean swap) {
      this.swap = swap;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param anchor what is compared
  /// @param positive what is like it
  /// @param negative what is not
  public record Input(Tensor anchor, Tensor positive, Tensor negative) {}

  /// The mean over all elements.
  public TripletMarginLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public TripletMarginLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private TripletMarginLoss(Options options) {
    reduction = options.reduction;
    margin = options.margin;
    p = options.p;
    eps = options.eps;
    swap = options.swap;
  }

  /// Computes the loss.
  ///
  /// @param anchor what is compared
  /// @param positive what is like it
  /// @param negative what is not
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    return hooked(new Input(anchor, positive, negative), this::compute);
  }

  private Tensor compute(Input in) {
    return Functional.tripletMarginLoss(
        in.anchor, in.positive, in.negative, margin, p, eps, swap, reduction);
  }
}
