package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Steps several schedules together, each on top of the rates that the one before it has set.
///
/// ```java
/// ConstantLR start = new ConstantLR(optimizer, o -> o.factor(0.1).totalIters(2));
/// ExponentialLR decay = new ExponentialLR(optimizer, 0.9);
/// ChainedScheduler scheduler = new ChainedScheduler(List.of(start, decay));
/// ```
///
/// [torch.optim.lr_scheduler.ChainedScheduler](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ChainedScheduler.html)
public final class ChainedScheduler extends CompositeScheduler {
  /// Chains schedules of one optimizer.
  ///
  /// @param schedulers the schedules, in the order in which they step
  /// @throws ValueException if there is none, or they are of several optimizers
  public ChainedScheduler(List<? extends LRScheduler> schedulers) {
    this(schedulers, first(schedulers).optimizer());
  }

  /// Chains schedules of a given optimizer.
  ///
  /// @param schedulers the schedules, in the order in which they step
  /// @param optimizer whose rates are set
  /// @throws ValueException if there is none, or one is of another optimizer
  public ChainedScheduler(List<? extends LRScheduler> schedulers, Optimizer<?> optimizer) {
    first(schedulers);
    super(optimizer, schedulers);
    noted();
  }

  private static LRScheduler first(List<? extends LRScheduler> schedulers) {
    if (schedulers.isEmpty()) {
      throw new ValueException(
          "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.");
    }
    return schedulers.getFirst();
  }

  private void noted() {
    lastEpoch(schedulers.getFirst().lastEpoch());
    lastLr(currentLr());
  }

  @Override
  public void step() {
    for (LRScheduler scheduler : schedulers) scheduler.step();
    noted();
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {}

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    lastEpoch(schedulers.getFirst().lastEpoch());
  }
}
