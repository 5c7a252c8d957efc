package dev.pantorch.optim;

import java.util.List;

/// Options of Adam's family: running means of the gradient and its square.
abstract class MomentsGroup<S extends MomentsGroup<S>> extends DecayGroup<S> {
  /// How fast the running means forget.
  ///
  /// @param beta1 that of the gradient, 0.9 unless set
  /// @param beta2 that of its square, 0.999 unless set
  /// @return this group
  public S betas(double beta1, double beta2) {
    return set("betas", List.of(beta1, beta2));
  }

  /// What is added to the divisor.
  ///
  /// @param eps $\epsilon$, 1e-8 unless set
  /// @return this group
  public S eps(double eps) {
    return set("eps", eps);
  }

  final double beta(int index) {
    return number("betas", index);
  }

  @Override
  protected void validate() {
    Options.requireNotNegative(rate(), "learning rate");
    Options.requireNotNegative(this, "eps", "epsilon value");
    Options.requireBetas(this);
    Options.requireNotNegative(this, "weight_decay", "weight_decay value");
  }
}
