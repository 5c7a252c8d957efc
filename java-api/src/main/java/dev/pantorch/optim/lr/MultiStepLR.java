package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Multiplies the learning rate by `gamma` when the epoch reaches a milestone.
///
/// ```java
/// MultiStepLR scheduler = new MultiStepLR(optimizer, List.of(30, 80)); // 0.05, from 30 0.005, from 80 0.0005
/// ```
///
/// [torch.optim.lr_scheduler.MultiStepLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.MultiStepLR.html)
public final class MultiStepLR extends LRScheduler {
  /// How often each is listed: Python's Counter, in its order.
  private SequencedMap<Integer, Integer> milestones;

  private double gamma;

  /// A tenth of the rate after each milestone.
  ///
  /// @param optimizer whose rates are set
  /// @param milestones epochs; one that is listed twice counts twice
  public MultiStepLR(Optimizer<?> optimizer, List<Integer> milestones) {
    this(optimizer, milestones, 0.1);
  }

  /// Begins the schedule.
  ///
  /// @param optimizer whose rates are set
  /// @param milestones epochs; one that is listed twice counts twice
  /// @param gamma the factor
  public MultiStepLR(Optimizer<?> optimizer, List<Integer> milestones, double gamma) {
    this(optimizer, milestones, gamma, -1);
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param milestones epochs; one that is listed twice counts twice
  /// @param gamma the factor
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if it goes on and the optimizer's groups have no
  ///   `initial_lr`
  public MultiStepLR(
      Optimizer<?> optimizer, List<Integer> milestones, double gamma, int lastEpoch) {
    SequencedMap<Integer, Integer> counts = new LinkedHashMap<>();
    for (int milestone : milestones) counts.merge(milestone, 1, Integer::sum);
    this.milestones = counts;
    this.gamma = gamma;
    super(optimizer, lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    Integer times = milestones.get(lastEpoch());
    return times == null ? currentLr() : currentLr(PythonMath.pow(gamma, times));
  }

  @Override
  protected List<Double> closedFormLr() {
    int passed = 0;
    for (var milestone : milestones.entrySet()) {
      if (milestone.getKey() <= lastEpoch()) passed += milestone.getValue();
    }
    return baseLrs(PythonMath.pow(gamma, passed));
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("milestones", new LinkedHashMap<>(milestones));
    state.put("gamma", gamma);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    milestones = StateValues.counts(state, "milestones");
    gamma = StateValues.number(state, "gamma");
  }
}
