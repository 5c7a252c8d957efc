package dev.pantorch.optim;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.HookHandle;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Linear;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Hooks of optimizers, parameters with names, and rates that are tensors.
class OptimizerHooksTest {
  private static Tensor parameter() {
    return Torch.ones(3).requiresGrad_();
  }

  @Test
  void should_call_hooks_around_steps_in_pythons_order_until_they_are_removed() {
    SGD optimizer = new SGD(List.of(parameter()), 0.5);
    List<String> calls = new ArrayList<>();
    try (HookHandle a = Optimizer.registerOptimizerStepPreHook(o -> calls.add("all, before"));
        HookHandle b = Optimizer.registerOptimizerStepPostHook(o -> calls.add("all, after"));
        HookHandle c = optimizer.registerStepPreHook(o -> calls.add("before " + o.stepCount()));
        HookHandle d = optimizer.registerStepPostHook(o -> calls.add("after " + o.stepCount()))) {
      optimizer.step();
      d.remove();
      d.remove();
      optimizer.step(() -> Torch.zeros());
    }
    optimizer.step();

    assertThat(calls)
        .containsExactly(
            "all, before",
            "before 0",
            "after 1",
            "all, after", //
            "all, before",
            "before 1",
            "all, after");
  }

  @Test
  void should_let_hooks_change_state_dicts() {
    SGD optimizer = new SGD(List.of(parameter()), 0.5);
    List<String> calls = new ArrayList<>();
    optimizer.registerStateDictPreHook(o -> calls.add("second"), false);
    optimizer.registerStateDictPreHook(o -> calls.add("first"), true);
    optimizer.registerStateDictPostHook(
        (o, state) -> {
          state.put("note", "seen");
          return null;
        },
        false);
    optimizer.registerStateDictPostHook((o, state) -> new HashMap<>(state), false);
    Map<String, Object> state = optimizer.stateDict();
    assertThat(state).containsEntry("note", "seen");
    assertThat(calls).containsExactly("first", "second");

    SGD other = new SGD(List.of(parameter()), 0.1);
    other.registerLoadStateDictPreHook(
        (o, given) -> asMap(requireNonNull(given.get("inner"))), false);
    other.registerLoadStateDictPostHook(o -> calls.add("loaded"), false);
    other.loadStateDict(Map.of("inner", state));
    assertThat(other.paramGroups().getFirst().lr()).isEqualTo(0.5);
    assertThat(calls).last().isEqualTo("loaded");
  }

  @SuppressWarnings("unchecked") // what the test has put there
  private static Map<String, Object> asMap(Object value) {
    return (Map<String, Object>) value;
  }

  @Test
  void should_keep_the_names_of_parameters() {
    Linear layer = new Linear(2, 1);
    Linear head = new Linear(1, 1);
    Adam optimizer =
        new Adam(layer.namedParameters(), o -> o.lr(0.1))
            .addParamGroup(head.namedParameters(), o -> o.lr(0.2));

    assertThat(optimizer.paramGroups().get(0).paramNames()).containsExactly("weight", "bias");
    assertThat(optimizer.toString()).contains("    param_names: ['weight', 'bias']\n");
    List<?> groups = (List<?>) requireNonNull(optimizer.stateDict().get("param_groups"));
    assertThat(((Map<?, ?>) groups.get(1)).get("param_names")).isEqualTo(List.of("weight", "bias"));
    assertThatThrownBy(() -> optimizer.addParamGroup(List.of(parameter()), o -> {}))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "all optimizer param groups should be with/without names. cannot add param group"
                + " without names to the optimizer");

    Adam nameless = new Adam(layer.parameters(), 0.1).addParamGroup(head.parameters(), o -> {});
    nameless.loadStateDict(optimizer.stateDict());
    assertThat(nameless.paramGroups().get(1).paramNames()).containsExactly("weight", "bias");
  }

  @Test
  void should_share_a_rate_that_is_a_tensor() {
    Tensor rate = Torch.full(new long[] {1}, 0.5);
    Tensor x = parameter();
    SGD optimizer = new SGD(List.of(x), o -> o.lr(rate));
    rate.fill_(0.25);
    x.setGrad(Torch.ones(3));
    optimizer.step();
    assertThat(x.equal(Torch.full(new long[] {3}, 0.75))).isTrue();

    optimizer.paramGroups().getFirst().lr(0.125);
    assertThat(rate.item()).isEqualTo(0.125);
    assertThat(optimizer.toString()).contains("lr: tensor([0.1250])");
  }

  @Test
  void should_say_that_lbfgs_needs_a_closure() {
    assertThatThrownBy(() -> new LBFGS(List.of(parameter()), 1).step())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "LBFGS.step() missing 1 required positional argument: 'closure'; it computes the loss"
                + " anew and returns it");
  }
}
