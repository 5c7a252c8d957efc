package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The base of schedules that set the learning rate after each epoch.
///
/// ```java
/// StepLR scheduler = new StepLR(optimizer, 30);
/// for (int epoch = 0; epoch < 100; epoch++) {
///   train(); // calls optimizer.step()
///   scheduler.step();
/// }
/// ```
///
/// A subclass says by {@link #getLr} what the rates are. Since the constructor of this class asks
/// it already, the subclass sets its fields before it calls `super(optimizer)`.
///
/// [torch.optim.lr_scheduler.LRScheduler](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LRScheduler.html)
public abstract class LRScheduler {

  private final Optimizer<?> optimizer;
  private List<Double> baseLrs = List.of();
  private List<Double> lastLr = List.of();
  private int lastEpoch;
  private long stepCount;
  private boolean initial;

  /// Begins the schedule.
  ///
  /// @param optimizer whose rates are set
  protected LRScheduler(Optimizer<?> optimizer) {
    this(optimizer, -1);
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws ValueException if it goes on and the optimizer's groups have no `initial_lr`, which
  ///   they get from a scheduler or with a loaded state
  @SuppressWarnings("this-escape") // subclasses are ready by then, as the class documentation says
  protected LRScheduler(Optimizer<?> optimizer, int lastEpoch) {
    this.optimizer = optimizer;
    List<Double> initial = new ArrayList<>();
    int index = 0;
    for (ParamGroup<?> group : optimizer.paramGroups()) {
      if (group.get("initial_lr") == null) {
        if (lastEpoch != -1) {
          throw new ValueException(
              "param 'initial_lr' is not specified in param_groups[%d] when resuming scheduler with last_epoch >= 0"
                  .formatted(index));
        }
        group.set("initial_lr", group.lr());
      }
      if (group.get("initial_lr") instanceof Number rate) initial.add(rate.doubleValue());
      index++;
    }
    this.baseLrs = List.copyOf(initial);
    this.lastEpoch = lastEpoch;
    initialStep();
  }

  /// For schedules made of others, which set no rates themselves.
  LRScheduler(Optimizer<?> optimizer, List<Double> lastLr) {
    this.optimizer = optimizer;
    this.lastLr = lastLr;
  }

  /// The rates for {@link #lastEpoch}, one for each group. Most schedules compute them from the
  /// present ones.
  ///
  /// @return the rates
  protected abstract List<Double> getLr();

  /// The rates for {@link #lastEpoch} computed from {@link #baseLrs} alone, where a schedule has
  /// such a formula. {@link SequentialLR} begins a schedule in the middle of others with it.
  ///
  /// @return the rates; null, here, for those of {@link #getLr}
  protected @Nullable List<Double> closedFormLr() {
    return null;
  }

  /// Settings and counters of the subclass, for {@link #stateDict}, under Python's names.
  ///
  /// @param state receives them
  protected abstract void saveTo(Map<String, @Nullable Object> state);

  /// Takes settings and counters of the subclass from a state dict.
  ///
  /// @param state has them
  protected abstract void loadFrom(Map<String, ? extends @Nullable Object> state);

  /// Goes on to the next epoch and sets the rates. To be called after the optimizer's steps of the
  /// epoch.
  public void step() {
    if (stepCount == 1 && optimizer.stepCount() == 0) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and"
              + " later, you should call them in the opposite order: `optimizer.step()` before"
              + " `lr_scheduler.step()`. Failure to do this will result in PyTorch skipping the"
              + " first value of the learning rate schedule.");
    }
    stepCount++;
    updateLr(null);
  }

  /// Makes the first step, which leads to the epoch that the schedule begins with.
  void initialStep() {
    stepCount = 0;
    initial = true;
    try {
      step();
    } finally {
      initial = false;
    }
  }

  /// Sets the rates of the next epoch, or of one that is named.
  final void updateLr(@Nullable Integer epoch) {
    lastEpoch = epoch == null ? lastEpoch + 1 : epoch;
    List<Double> closed = epoch == null ? null : closedFormLr();
    setLr(closed == null ? getLr() : closed);
  }

  final void setLr(List<Double> rates) {
    List<? extends ParamGroup<?>> groups = optimizer.paramGroups();
    if (rates.size() != groups.size()) {
      throw new ValueException(
          "the optimizer has %d parameter groups, but %s was made for %d; make schedulers after the last addParamGroup"
              .formatted(groups.size(), getClass().getSimpleName(), rates.size()));
    }
    for (int i = 0; i < rates.size(); i++) groups.get(i).lr(rates.get(i));
    lastLr = currentLr();
  }

  /// The optimizer whose rates are set.
  ///
  /// @return the optimizer
  protected final Optimizer<?> optimizer() {
    return optimizer;
  }

  /// The rates that the schedule began with, one for each group.
  ///
  /// @return the rates
  protected final List<Double> baseLrs() {
    return baseLrs;
  }

  final void baseLrs(List<Double> rates) {
    baseLrs = List.copyOf(rates);
  }

  /// Whether the rates are those that a schedule begins or goes on with, which most schedules leave
  /// as they are.
  ///
  /// @return true while a schedule is made, and while {@link SequentialLR} begins its first
  protected final boolean isInitial() {
    return initial;
  }

  /// How many steps were made, the first one, which leads to the first epoch, included.
  ///
  /// @return the number
  protected final long stepCount() {
    return stepCount;
  }

  /// The number of the present epoch, from 0.
  ///
  /// @return the number of calls of {@link #step} so far
  public final int lastEpoch() {
    return lastEpoch;
  }

  final void lastEpoch(int epoch) {
    lastEpoch = epoch;
  }

  /// The rates last set, one for each group.
  ///
  /// @return the rates
  public final List<Double> getLastLr() {
    return lastLr;
  }

  final void lastLr(List<Double> rates) {
    lastLr = rates;
  }

  /// The state in Python's layout: settings, counters and rates by name.
  ///
  /// @return a new map of numbers, texts, booleans, lists, maps and nulls
  public Map<String, @Nullable Object> stateDict() {
    Map<String, @Nullable Object> state = new LinkedHashMap<>();
    saveTo(state);
    state.put("base_lrs", baseLrs);
    state.put("last_epoch", lastEpoch);
    state.put("_step_count", stepCount);
    state.put("_is_initial", false);
    state.put("_get_lr_called_within_step", false);
    state.put("_last_lr", lastLr);
    return state;
  }

  /// Goes on where a saved schedule was. The rates themselves are the optimizer's to restore.
  ///
  /// @param state as {@link #stateDict} or Python's `state_dict()` returns it
  /// @throws ValueException if an entry is missing or no number
  public void loadStateDict(Map<String, ? extends @Nullable Object> state) {
    loadFrom(state);
    baseLrs = StateValues.numbers(state, "base_lrs");
    lastEpoch = (int) StateValues.number(state, "last_epoch");
    stepCount = (long) StateValues.number(state, "_step_count");
    lastLr = StateValues.numbers(state, "_last_lr");
  }

  /// The present rates of the optimizer, one for each group.
  ///
  /// @return the rates
  protected final List<Double> currentLr() {
    List<Double> rates = new ArrayList<>();
    for (ParamGroup<?> group : optimizer.paramGroups()) rates.add(group.lr());
    return List.copyOf(rates);
  }

  /// The present rates of the optimizer times a factor.
  ///
  /// @param factor the factor
  /// @return the rates, one for each group
  protected final List<Double> currentLr(double factor) {
    return currentLr().stream().map(rate -> rate * factor).toList();
  }

  /// The rates that the schedule began with times a factor.
  final List<Double> baseLrs(double factor) {
    return baseLrs.stream().map(rate -> rate * factor).toList();
  }
}
