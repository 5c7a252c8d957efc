package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
  private static final System.Logger LOGGER = System.getLogger("dev.pantorch");

  private final Optimizer<?> optimizer;
  private List<Double> baseLrs;
  private List<Double> lastLr = List.of();
  private int lastEpoch;
  private long stepCount;

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
    advance();
  }

  /// The rates for {@link #lastEpoch}, one for each group. Most schedules compute them from the
  /// present ones.
  ///
  /// @return the rates
  protected abstract List<Double> getLr();

  /// Settings and counters of the subclass, for {@link #stateDict}, under Python's names.
  ///
  /// @param state receives them
  protected abstract void saveTo(Map<String, Object> state);

  /// Takes settings and counters of the subclass from a state dict.
  ///
  /// @param state has them
  protected abstract void loadFrom(Map<String, ?> state);

  /// Goes on to the next epoch and sets the rates. To be called after the optimizer's steps of the
  /// epoch.
  public void step() {
    if (stepCount == 1 && optimizer.stepCount() == 0) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and"
              + " later, you should call them in the opposite order: `optimizer.step()` before"
              + " `lr_scheduler.step()`. Failure to do this will result in PyTorch skipping the"
              + " first value of the learning rate schedule.");
    }
    advance();
  }

  private void advance() {
    stepCount++;
    lastEpoch++;
    List<Double> rates = getLr();
    int index = 0;
    for (ParamGroup<?> group : optimizer.paramGroups()) group.lr(rates.get(index++));
    lastLr = List.copyOf(rates);
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

  /// The number of the present epoch, from 0.
  ///
  /// @return the number of calls of {@link #step} so far
  public final int lastEpoch() {
    return lastEpoch;
  }

  /// The rates last set, one for each group.
  ///
  /// @return the rates
  public final List<Double> getLastLr() {
    return lastLr;
  }

  /// The state in Python's layout: settings, counters and rates by name.
  ///
  /// @return a new map of numbers, booleans and lists
  public final Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
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
  public final void loadStateDict(Map<String, ?> state) {
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
    return rates;
  }
}
