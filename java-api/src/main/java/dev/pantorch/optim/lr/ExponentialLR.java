package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Multiplies the learning rate by `gamma` every epoch.
///
/// ```java
/// ExponentialLR scheduler = new ExponentialLR(optimizer, 0.95);
/// ```
///
/// [torch.optim.lr_scheduler.ExponentialLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ExponentialLR.html)
public final class ExponentialLR extends LRScheduler {
  private double gamma;

  /// Begins the schedule.
  ///
  /// @param optimizer whose rates are set
  /// @param gamma the factor
  public ExponentialLR(Optimizer<?> optimizer, double gamma) {
    this(optimizer, gamma, -1);
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param gamma the factor
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if it goes on and the optimizer's groups have no
  ///   `initial_lr`
  public ExponentialLR(Optimizer<?> optimizer, double gamma, int lastEpoch) {
    this.gamma = gamma;
    super(optimizer, lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    return isInitial() ? currentLr() : currentLr(gamma);
  }

  @Override
  protected List<Double> closedFormLr() {
    return baseLrs(PythonMath.pow(gamma, lastEpoch()));
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("gamma", gamma);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    gamma = StateValues.number(state, "gamma");
  }
}
