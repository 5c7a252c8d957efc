package dev.pantorch.optim.lr;

import dev.pantorch.NotImplementedException;
import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What schedules made of others share.
abstract sealed class CompositeScheduler extends LRScheduler
    permits SequentialLR, ChainedScheduler {
  final List<LRScheduler> schedulers;
  private boolean begunByAnother;

  CompositeScheduler(Optimizer<?> optimizer, List<? extends LRScheduler> schedulers) {
    this.schedulers = List.copyOf(schedulers);
    super(optimizer, List.of());
    String name = getClass().getSimpleName();
    for (int i = 0; i < schedulers.size(); i++) {
      LRScheduler scheduler = schedulers.get(i);
      if (!scheduler.optimizer().equals(optimizer)) {
        throw new ValueException(
            "%s expects all schedulers to belong to the same optimizer, but got scheduler %s at index %d has %s, which is different from %s."
                .formatted(
                    name,
                    scheduler.getClass().getSimpleName(),
                    i,
                    scheduler.optimizer(),
                    optimizer.getClass().getSimpleName()));
      }
    }
  }

  @Override
  protected List<Double> getLr() {
    throw new NotImplementedException(
        getClass().getSimpleName()
            + " has no rates of its own: it can only be the first of the schedulers of a"
            + " SequentialLR");
  }

  @Override
  final void initialStep() {
    begunByAnother = true;
    super.initialStep();
  }

  @Override
  public final Map<String, @Nullable Object> stateDict() {
    Map<String, @Nullable Object> state = new LinkedHashMap<>();
    saveTo(state);
    if (begunByAnother) {
      state.put("_step_count", stepCount());
      state.put("_is_initial", false);
    }
    state.put("_last_lr", getLastLr());
    state.put("_schedulers", schedulers.stream().map(LRScheduler::stateDict).toList());
    return state;
  }

  @Override
  public final void loadStateDict(Map<String, ? extends @Nullable Object> state) {
    List<Map<String, ? extends @Nullable Object>> saved = StateValues.maps(state, "_schedulers");
    if (saved.size() != schedulers.size()) {
      throw new ValueException(
          "scheduler state has %d entries as '_schedulers'; expected %d"
              .formatted(saved.size(), schedulers.size()));
    }
    for (int i = 0; i < saved.size(); i++) schedulers.get(i).loadStateDict(saved.get(i));
    loadFrom(state);
    lastLr(StateValues.numbers(state, "_last_lr"));
  }
}
