package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import org.jspecify.annotations.Nullable;

/// What normalisations with learned factors and summands have in common.
abstract class AffineNorm extends Layer {
  final double eps;
  final boolean affine;
  final @Nullable Tensor weight;
  final @Nullable Tensor bias;

  /// Options that these normalisations have.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends LayerOptions<S> {
    private double eps = 1e-5;
    boolean affine;
    private boolean bias = true;

    /// @param affine whether factors are learned unless set
    Options(boolean affine) {
      this.affine = affine;
    }

    /// What is added to the variance.
    ///
    /// @param eps 1e-5 unless set
    /// @return these options
    public S eps(double eps) {
      this.eps = eps;
      return self();
    }

    /// Whether $\beta$ is learned beside $\gamma$.
    ///
    /// @param bias true unless set
    /// @return these options
    public S bias(boolean bias) {
      this.bias = bias;
      return self();
    }
  }

  /// @param shape of factors and summands
  AffineNorm(Options<?> options, long... shape) {
    eps = options.eps;
    affine = options.affine;
    weight = affine ? registerParameter("weight", Torch.ones(options.tensors(), shape)) : null;
    bias =
        affine && options.bias
            ? registerParameter("bias", Torch.zeros(options.tensors(), shape))
            : null;
  }

  /// Sets the parameters to their first values.
  public void resetParameters() {
    if (weight != null) Init.ones_(weight);
    if (bias != null) Init.zeros_(bias);
  }

  /// The factors $\gamma$.
  ///
  /// @return the parameter, null if not affine
  public @Nullable Tensor weight() {
    return weight;
  }

  /// The summands $\beta$.
  ///
  /// @return the parameter, null if not affine or without bias
  public @Nullable Tensor bias() {
    return bias;
  }
}
