package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// {@link AlphaDropout} of whole channels.
///
/// ```java
/// Tensor y = new FeatureAlphaDropout(0.2).forward(Torch.randn(20, 16, 4, 32, 32));
/// ```
///
/// **Shape.** Input $(N, C, *)$; output the same.
///
/// [torch.nn.FeatureAlphaDropout](https://docs.pytorch.org/docs/2.13/generated/torch.nn.FeatureAlphaDropout.html)
public final class FeatureAlphaDropout extends DropoutNd {
  /// Drops half.
  public FeatureAlphaDropout() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @throws dev.pantorch.ValueException if it is not between 0 and 1
  public FeatureAlphaDropout(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that a channel is dropped
  /// @param inplace printed, but without effect, as in Python
  /// @throws dev.pantorch.ValueException if the probability is not between 0 and 1
  public FeatureAlphaDropout(double p, boolean inplace) {
    super(p, inplace);
  }

  @Override
  Tensor drop(Tensor input) {
    return Functional.featureAlphaDropout(input, p, isTraining());
  }
}
