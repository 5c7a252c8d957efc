package dev.pantorch.optim;

/// Options of the optimizers that shrink weights.
abstract class DecayGroup<S extends DecayGroup<S>> extends ForeachGroup<S> {
  /// The factor of the L2 penalty: how much of the weights is added to their gradient. Where decay
  /// is decoupled, how much of the weights times the learning rate is taken off them.
  ///
  /// @param weightDecay $\lambda$, not negative
  /// @return this group
  public S weightDecay(double weightDecay) {
    return set("weight_decay", weightDecay);
  }

  final double weightDecay() {
    return number("weight_decay");
  }
}
