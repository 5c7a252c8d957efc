package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The p-norm of the difference of vectors: $\lVert x_1 - x_2 + \epsilon \rVert_p$.
///
/// ```java
/// Tensor y = new PairwiseDistance().forward(Torch.randn(100, 128), Torch.randn(100, 128));
/// ```
///
/// **Shape.** Inputs $(N, D)$ or $(D)$; output $(N)$ or a scalar, with a dimension of 1 at the end
/// on request.
///
/// [torch.nn.PairwiseDistance](https://docs.pytorch.org/docs/2.13/generated/torch.nn.PairwiseDistance.html)
public final class PairwiseDistance extends Module {
  private final Options options;

  /// Options of {@link PairwiseDistance}.
  public static final class Options {
    private double p = 2;
    private double eps = 1e-6;
    private boolean keepdim;

    private Options() {}

    /// The p of the norm.
    ///
    /// @param p 2 unless set; may be negative
    /// @return these options
    public Options p(double p) {
      this.p = p;
      return this;
    }

    /// What is added to each difference, against a division by 0.
    ///
    /// @param eps 1e-6 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }

    /// Whether the dimension of the vectors stays, as 1.
    ///
    /// @param keepdim false unless set
    /// @return these options
    public Options keepdim(boolean keepdim) {
      this.keepdim = keepdim;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param x1 the first input
  /// @param x2 the second input
  public record Input(Tensor x1, Tensor x2) {}

  /// A layer with the usual options.
  public PairwiseDistance() {
    this(o -> {});
  }

  /// A layer with options.
  ///
  /// @param settings sets the options
  public PairwiseDistance(Consumer<Options> settings) {
    options = LayerOptions.configure(new Options(), settings);
  }

  /// Compares vectors.
  ///
  /// @param x1 the first vectors
  /// @param x2 the second vectors
  /// @return a value for each pair
  /// @throws dev.pantorch.TorchException if the shapes do not fit
  public Tensor forward(Tensor x1, Tensor x2) {
    return hooked(
        new Input(x1, x2),
        given ->
            Functional.pairwiseDistance(
                given.x1, given.x2, options.p, options.eps, options.keepdim));
  }
}
