package dev.pantorch.optim.lr;

import java.util.function.Consumer;

/// Options that schedules have in common.
///
/// @param <S> the options of the schedule, for chaining
public abstract class SchedulerOptions<S extends SchedulerOptions<S>> {
  int lastEpoch = -1;

  SchedulerOptions() {}

  /// The epoch after which a schedule goes on. The optimizer's groups must have an `initial_lr`,
  /// which they get from a scheduler or with a loaded state.
  ///
  /// @param lastEpoch an epoch from 0; -1, which begins the schedule, unless set
  /// @return these options
  public S lastEpoch(int lastEpoch) {
    this.lastEpoch = lastEpoch;
    return self();
  }

  @SuppressWarnings("unchecked") // each subclass passes itself
  final S self() {
    return (S) this;
  }

  static <O> O configure(O options, Consumer<? super O> settings) {
    settings.accept(options);
    return options;
  }
}
