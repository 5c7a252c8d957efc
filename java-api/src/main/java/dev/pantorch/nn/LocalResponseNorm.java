package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;

/// Divides each value by what the neighbouring channels have at its place (Krizhevsky and others
/// 2012): $b_c = a_c (k + \frac{\alpha}{n} \sum_{c'} a_{c'}^2)^{-\beta}$ over the $n$ channels
/// around $c$.
///
/// ```java
/// Tensor y = new LocalResponseNorm(2).forward(Torch.randn(32, 5, 24, 24));
/// ```
///
/// **Shape.** Input $(N, C, *)$ with one dimension or more after the channels; output the same.
///
/// [torch.nn.LocalResponseNorm](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LocalResponseNorm.html)
public final class LocalResponseNorm extends Layer {
  private final long size;
  private final Options options;

  /// Options of {@link LocalResponseNorm}.
  public static final class Options {
    private double alpha = 1e-4;
    private double beta = 0.75;
    private double k = 1;

    private Options() {}

    /// The factor $\alpha$.
    ///
    /// @param alpha 1e-4 unless set
    /// @return these options
    public Options alpha(double alpha) {
      this.alpha = alpha;
      return this;
    }

    /// The exponent $\beta$.
    ///
    /// @param beta 0.75 unless set
    /// @return these options
    public Options beta(double beta) {
      this.beta = beta;
      return this;
    }

    /// The summand $k$.
    ///
    /// @param k 1 unless set
    /// @return these options
    public Options k(double k) {
      this.k = k;
      return this;
    }
  }

  /// A layer with the usual options.
  ///
  /// @param size the number $n$ of neighbouring channels
  public LocalResponseNorm(long size) {
    this(size, o -> {});
  }

  /// A layer with options.
  ///
  /// @param size the number $n$ of neighbouring channels
  /// @param settings sets the options
  public LocalResponseNorm(long size, Consumer<Options> settings) {
    this.size = size;
    options = LayerOptions.configure(new Options(), settings);
  }

  /// Normalises.
  ///
  /// @param input a tensor $(N, C, *)$
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.ValueException if it has fewer than three dimensions
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input, x -> Functional.localResponseNorm(x, size, options.alpha, options.beta, options.k));
  }

  @Override
  protected String extraRepr() {
    return "%d, alpha=%s, beta=%s, k=%s"
        .formatted(
            size,
            PythonText.number(options.alpha),
            PythonText.number(options.beta),
            PythonText.number(options.k));
  }
}
