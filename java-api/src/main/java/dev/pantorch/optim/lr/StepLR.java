package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Multiplies the learning rate by `gamma` every `stepSize` epochs.
///
/// ```java
/// StepLR scheduler = new StepLR(optimizer, 30, 0.1); // 0.05, from epoch 30 0.005, from 60 0.0005
/// ```
///
/// [torch.optim.lr_scheduler.StepLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.StepLR.html)
public final class StepLR extends LRScheduler {
  private int stepSize;
  private double gamma;

  /// A tenth of the rate after each period.
  ///
  /// @param optimizer whose rates are set
  /// @param stepSize the period in epochs
  public StepLR(Optimizer<?> optimizer, int stepSize) {
    this(optimizer, stepSize, 0.1);
  }

  /// Begins the schedule.
  ///
  /// @param optimizer whose rates are set
  /// @param stepSize the period in epochs
  /// @param gamma the factor
  public StepLR(Optimizer<?> optimizer, int stepSize, double gamma) {
    this(optimizer, stepSize, gamma, -1);
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param stepSize the period in epochs
  /// @param gamma the factor
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if it goes on and the optimizer's groups have no
  ///   `initial_lr`
  public StepLR(Optimizer<?> optimizer, int stepSize, double gamma, int lastEpoch) {
    this.stepSize = stepSize;
    this.gamma = gamma;
    super(optimizer, lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    if (lastEpoch() == 0 || lastEpoch() % stepSize != 0) return currentLr();
    return currentLr(gamma);
  }

  @Override
  protected List<Double> closedFormLr() {
    return baseLrs(PythonMath.pow(gamma, Math.floorDiv(lastEpoch(), stepSize)));
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("step_size", stepSize);
    state.put("gamma", gamma);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    stepSize = (int) StateValues.number(state, "step_size");
    gamma = StateValues.number(state, "gamma");
  }
}
