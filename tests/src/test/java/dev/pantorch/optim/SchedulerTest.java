package dev.pantorch.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.optim.lr.LRScheduler;
import dev.pantorch.optim.lr.ReduceLROnPlateau;
import dev.pantorch.optim.lr.StepLR;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Schedules of several groups, of one's own, and over a restart. Their rates are compared with
/// Python's in the parity tests.
class SchedulerTest {
  private static SGD optimizer(double... rates) {
    SGD optimizer = new SGD(List.of(Torch.zeros(1).requiresGrad_()), rates[0]);
    for (int i = 1; i < rates.length; i++) {
      double rate = rates[i];
      optimizer.addParamGroup(List.of(Torch.zeros(1).requiresGrad_()), o -> o.lr(rate));
    }
    return optimizer;
  }

  private static List<Double> rates(SGD optimizer) {
    return optimizer.paramGroups().stream().map(SGD.Group::lr).toList();
  }

  @Test
  void should_schedule_each_group_from_its_own_rate() {
    SGD optimizer = optimizer(1, 0.5);
    StepLR scheduler = new StepLR(optimizer, 2, 0.5);
    for (int i = 0; i < 2; i++) {
      optimizer.step();
      scheduler.step();
    }

    assertThat(rates(optimizer)).containsExactly(0.5, 0.25);
    assertThat(scheduler.getLastLr()).containsExactly(0.5, 0.25);
    assertThat(optimizer.paramGroups().get(1).get("initial_lr")).isEqualTo(0.5);
  }

  @Test
  void should_save_its_state_under_pythons_names() {
    SGD optimizer = optimizer(0.1);

    assertThat(new StepLR(optimizer, 3).stateDict())
        .hasToString(
            "{step_size=3, gamma=0.1, base_lrs=[0.1], last_epoch=0, _step_count=1,"
                + " _is_initial=false, _get_lr_called_within_step=false, _last_lr=[0.1]}");
    assertThat(new ReduceLROnPlateau(optimizer).stateDict())
        .hasToString(
            "{factor=0.1, default_min_lr=0.0, min_lrs=[0.0], patience=10, cooldown=0, eps=1.0E-8,"
                + " last_epoch=0, _last_lr=[0.1], mode_worse=Infinity, mode=min, threshold=1.0E-4,"
                + " threshold_mode=rel, best=Infinity, cooldown_counter=0, num_bad_epochs=0}");
  }

  @Test
  void should_go_on_from_a_saved_state() {
    SGD straight = optimizer(1);
    StepLR whole = new StepLR(straight, 2, 0.5);
    SGD before = optimizer(1);
    StepLR first = new StepLR(before, 2, 0.5);
    List<Double> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      straight.step();
      whole.step();
      expected.add(straight.paramGroups().getFirst().lr());
      if (i < 3) {
        before.step();
        first.step();
      }
    }

    SGD after = optimizer(7);
    after.loadStateDict(before.stateDict());
    StepLR second = new StepLR(after, 100, 0.9, 0);
    second.loadStateDict(first.stateDict());
    after.loadStateDict(before.stateDict());
    for (int i = 3; i < 6; i++) {
      after.step();
      second.step();
      assertThat(after.paramGroups().getFirst().lr()).isEqualTo(expected.get(i));
    }
    assertThat(second.lastEpoch()).isEqualTo(6);
  }

  @Test
  void should_wait_on_a_plateau_over_a_restart() {
    SGD optimizer = optimizer(1);
    ReduceLROnPlateau first = new ReduceLROnPlateau(optimizer, o -> o.factor(0.5).patience(2));
    for (double metric : new double[] {1, 1, 1}) first.step(metric);
    assertThat(rates(optimizer)).containsExactly(1.0);

    ReduceLROnPlateau second = new ReduceLROnPlateau(optimizer);
    second.loadStateDict(first.stateDict());
    second.step(1);

    assertThat(rates(optimizer)).containsExactly(0.5);
    assertThat(second.getLastLr()).containsExactly(0.5);
    assertThat(second.lastEpoch()).isEqualTo(4);
  }

  @Test
  void should_keep_to_the_least_rate_of_each_group() {
    SGD optimizer = optimizer(1, 1);
    ReduceLROnPlateau scheduler =
        new ReduceLROnPlateau(optimizer, o -> o.factor(0.1).patience(0).minLr(List.of(0.5, 0.02)));
    for (int i = 0; i < 4; i++) scheduler.step(1);

    assertThat(rates(optimizer)).containsExactly(0.5, 0.02);
  }

  @Test
  void should_schedule_by_rules_of_ones_own() {
    class Halving extends LRScheduler {
      Halving(Optimizer<?> optimizer) {
        super(optimizer);
      }

      @Override
      protected List<Double> getLr() {
        return baseLrs().stream().map(rate -> rate / (1 << lastEpoch())).toList();
      }

      @Override
      protected void saveTo(Map<String, @Nullable Object> state) {}

      @Override
      protected void loadFrom(Map<String, ? extends @Nullable Object> state) {}
    }
    SGD optimizer = optimizer(1);
    Halving scheduler = new Halving(optimizer);
    optimizer.step();
    scheduler.step();
    scheduler.step();

    assertThat(rates(optimizer)).containsExactly(0.25);
  }

  @Test
  void should_refuse_settings_that_make_no_sense() {
    SGD optimizer = optimizer(1);

    assertThatThrownBy(() -> new ReduceLROnPlateau(optimizer, o -> o.factor(1)))
        .isInstanceOf(ValueException.class)
        .hasMessage("Factor should be < 1.0.");
    assertThatThrownBy(() -> new ReduceLROnPlateau(optimizer, o -> o.minLr(List.of(0.1, 0.2))))
        .isInstanceOf(ValueException.class)
        .hasMessage("expected 1 min_lrs, got 2");
    assertThatThrownBy(() -> new StepLR(optimizer, 1, 0.1, 3))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "param 'initial_lr' is not specified in param_groups[0] when resuming scheduler with"
                + " last_epoch >= 0");
    assertThatThrownBy(() -> new StepLR(optimizer, 1).loadStateDict(Map.of("step_size", "x")))
        .isInstanceOf(ValueException.class)
        .hasMessage("scheduler state has x as 'step_size'; expected a number");
  }
}
