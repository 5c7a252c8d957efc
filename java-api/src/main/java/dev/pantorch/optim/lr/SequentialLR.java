package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs one schedule after the other, each from its own beginning: a warm-up and then a decay.
///
/// ```java
/// LinearLR warmup = new LinearLR(optimizer, o -> o.startFactor(0.1).totalIters(5));
/// CosineAnnealingLR decay = new CosineAnnealingLR(optimizer, 45);
/// SequentialLR scheduler = new SequentialLR(optimizer, List.of(warmup, decay), List.of(5));
/// ```
///
/// A {@link ReduceLROnPlateau} cannot be one of them, as in Python: its step wants a metric.
///
/// [torch.optim.lr_scheduler.SequentialLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.SequentialLR.html)
public final class SequentialLR extends CompositeScheduler {
  private List<Integer> milestones;

  /// Begins the first schedule.
  ///
  /// @param optimizer whose rates are set
  /// @param schedulers schedules of this optimizer
  /// @param milestones the epochs at which the second one begins, the third one, ..., ascending
  /// @throws ValueException if there is no schedule, not one milestone less than schedules, or one
  ///   is of another optimizer
  public SequentialLR(
      Optimizer<?> optimizer, List<? extends LRScheduler> schedulers, List<Integer> milestones) {
    this(optimizer, schedulers, milestones, -1);
  }

  /// Begins the first schedule at an epoch.
  ///
  /// @param optimizer whose rates are set
  /// @param schedulers schedules of this optimizer
  /// @param milestones the epochs at which the second one begins, the third one, ..., ascending
  /// @param lastEpoch the epoch before the one to begin with, which only counts towards the
  ///   milestones; -1 to begin at the first
  /// @throws ValueException if there is no schedule, not one milestone less than schedules, or one
  ///   is of another optimizer
  public SequentialLR(
      Optimizer<?> optimizer,
      List<? extends LRScheduler> schedulers,
      List<Integer> milestones,
      int lastEpoch) {
    if (schedulers.isEmpty()) {
      throw new ValueException(
          "SequentialLR expects at least one scheduler, but got no scheduler.");
    }
    this.milestones = List.copyOf(milestones);
    super(optimizer, schedulers);
    if (milestones.size() != schedulers.size() - 1) {
      throw new ValueException(
          "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers %d and the number of milestones to be equal to %d"
              .formatted(schedulers.size(), milestones.size()));
    }
    lastEpoch(lastEpoch + 1);
    // Each schedule has made its first step already, on top of the others'.
    for (ParamGroup<?> group : optimizer.paramGroups()) {
      if (group.get("initial_lr") instanceof Number rate) group.lr(rate.doubleValue());
    }
    undo(this);
    LRScheduler first = this.schedulers.get(PythonMath.bisectRight(this.milestones, 0));
    first.initialStep();
    lastLr(first.getLastLr());
  }

  private static void undo(LRScheduler scheduler) {
    if (scheduler instanceof CompositeScheduler composite) {
      composite.schedulers.forEach(SequentialLR::undo);
    } else {
      scheduler.lastEpoch(scheduler.lastEpoch() - 1);
    }
  }

  @Override
  public void step() {
    lastEpoch(lastEpoch() + 1);
    int index = PythonMath.bisectRight(milestones, lastEpoch());
    LRScheduler scheduler = schedulers.get(index);
    if (index > 0 && milestones.get(index - 1) == lastEpoch()) {
      scheduler.updateLr(0);
    } else {
      scheduler.step();
    }
    lastLr(scheduler.getLastLr());
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("_milestones", milestones);
    state.put("last_epoch", lastEpoch());
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    milestones = StateValues.numbers(state, "_milestones").stream().map(Double::intValue).toList();
    lastEpoch((int) StateValues.number(state, "last_epoch"));
  }
}
