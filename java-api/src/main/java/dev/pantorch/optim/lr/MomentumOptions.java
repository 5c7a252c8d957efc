package dev.pantorch.optim.lr;

import java.util.List;

/// Options of schedules that move momentum against the learning rate.
abstract class MomentumOptions<S extends MomentumOptions<S>> extends SchedulerOptions<S> {
  boolean cycleMomentum = true;
  PerGroup baseMomentum;
  PerGroup maxMomentum;

  MomentumOptions(double baseMomentum, double maxMomentum) {
    this.baseMomentum = PerGroup.of("base_momentum", baseMomentum);
    this.maxMomentum = PerGroup.of("max_momentum", maxMomentum);
  }

  /// Whether momentum, or the first beta, moves against the rates.
  ///
  /// @param cycleMomentum true unless set
  /// @return these options
  public S cycleMomentum(boolean cycleMomentum) {
    this.cycleMomentum = cycleMomentum;
    return self();
  }

  /// The least momentum, reached with the greatest rate.
  ///
  /// @param baseMomentum unless set 0.8 for {@link CyclicLR} and 0.85 for {@link OneCycleLR}
  /// @return these options
  public S baseMomentum(double baseMomentum) {
    this.baseMomentum = PerGroup.of("base_momentum", baseMomentum);
    return self();
  }

  /// The least momentum of each group.
  ///
  /// @param baseMomentum one value a group
  /// @return these options
  public S baseMomentum(List<Double> baseMomentum) {
    this.baseMomentum = PerGroup.of("base_momentum", baseMomentum);
    return self();
  }

  /// The greatest momentum.
  ///
  /// @param maxMomentum unless set 0.9 for {@link CyclicLR} and 0.95 for {@link OneCycleLR}
  /// @return these options
  public S maxMomentum(double maxMomentum) {
    this.maxMomentum = PerGroup.of("max_momentum", maxMomentum);
    return self();
  }

  /// The greatest momentum of each group.
  ///
  /// @param maxMomentum one value a group
  /// @return these options
  public S maxMomentum(List<Double> maxMomentum) {
    this.maxMomentum = PerGroup.of("max_momentum", maxMomentum);
    return self();
  }
}
