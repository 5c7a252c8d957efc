package dev.pantorch.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Hooks around saving and loading of state, and state beside parameters and buffers.
class StateDictHooksTest {
  /// Counts, in Java, how often it was called.
  static class Counting extends Layer {
    long calls;

    @Override
    public Tensor forward(Tensor input) {
      calls++;
      return hooked(input, x -> x);
    }

    @Override
    protected Tensor getExtraState() {
      return Torch.tensor(new long[] {calls});
    }

    @Override
    protected void setExtraState(Tensor state) {
      calls = state.select(0, 0).itemLong();
    }
  }

  @Test
  void should_save_and_load_extra_state() {
    Counting counting = new Counting();
    Sequential model = new Sequential(new Linear(1, 1), counting);
    model.forward(Torch.ones(1));
    model.forward(Torch.ones(1));

    Map<String, Tensor> state = model.stateDict();
    assertThat(state.keySet()).containsExactly("0.weight", "0.bias", "1._extra_state");
    counting.calls = 0;
    model.loadStateDict(state);
    assertThat(counting.calls).isEqualTo(2);

    assertThatThrownBy(() -> counting.loadStateDict(Map.of()))
        .hasMessageEndingWith("Missing key(s) in state_dict: \"_extra_state\". ");
    assertThatThrownBy(() -> new Identity().loadStateDict(counting.stateDict()))
        .hasMessageEndingWith("Unexpected key(s) in state_dict: \"_extra_state\". ");
  }

  @Test
  void should_change_what_is_saved() {
    Sequential model = new Sequential(new Linear(1, 1), new Linear(1, 1));
    List<String> order = new ArrayList<>();
    model.registerStateDictPreHook((module, prefix) -> order.add("before '" + prefix + "'"));
    model.get(1).registerStateDictPreHook((module, prefix) -> order.add("before '" + prefix + "'"));
    model
        .get(1)
        .registerStateDictPostHook((module, state, prefix, metadata) -> {
          order.add("after '%s' of version %s".formatted(prefix, metadata.get("version")));
          state.put(prefix + "scale", requireNonNull(state.remove(prefix + "weight")));
        });

    assertThat(model.stateDict().keySet())
        .containsExactly("0.weight", "0.bias", "1.bias", "1.scale");
    assertThat(order).containsExactly("before ''", "before '1.'", "after '1.' of version 1");
  }

  @Test
  void should_rename_keys_before_they_are_loaded() {
    Sequential model = new Sequential(new Linear(1, 1));
    model
        .get(0)
        .registerLoadStateDictPreHook((module, loading) -> {
          Map<String, Tensor> state = loading.stateDict();
          Tensor old = state.remove(loading.prefix() + "w");
          if (old != null) state.put(loading.prefix() + "weight", old);
        });

    model.loadStateDict(Map.of("0.w", Torch.full(new long[] {1, 1}, 3.0), "0.bias", Torch.ones(1)));

    Tensor weight = ((Linear) model.get(0)).weight();
    assertThat(weight.item()).isEqualTo(3.0);
    model
        .get(0)
        .registerLoadStateDictPreHook((module, loading) ->
            loading.errorMessages().add("version " + loading.localMetadata().get("version")));
    assertThatThrownBy(() -> model.loadStateDict(model.stateDict()))
        .isInstanceOf(TorchException.class)
        .hasMessage("Error(s) in loading state_dict for Sequential:\n\tversion 1");
  }

  @Test
  void should_forgive_missing_keys_after_loading() {
    Linear layer = new Linear(1, 1);
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("weight", Torch.full(new long[] {1, 1}, 3.0));
    state.put("slope", Torch.ones(1));
    var handle =
        layer.registerLoadStateDictPostHook((module, keys) -> {
          assertThat(keys.missingKeys()).containsExactly("bias");
          keys.missingKeys().clear();
          keys.unexpectedKeys().remove("slope");
        });

    layer.loadStateDict(state);
    assertThat(layer.weight().item()).isEqualTo(3.0);

    handle.remove();
    assertThatThrownBy(() -> layer.loadStateDict(state))
        .hasMessage(
            "Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: \"bias\"."
                + " \n\tUnexpected key(s) in state_dict: \"slope\". ");
  }

  /// Python's 0.3 saved scalars as one element, and `load_state_dict` goes on taking it.
  @Test
  void should_take_one_element_for_a_scalar() {
    BatchNorm1d norm = new BatchNorm1d(1);
    Map<String, Tensor> state = new LinkedHashMap<>(norm.stateDict());
    state.put("num_batches_tracked", Torch.tensor(new long[] {7}));

    norm.loadStateDict(state);

    assertThat(norm.getBuffer("num_batches_tracked").itemLong()).isEqualTo(7);
  }
}
