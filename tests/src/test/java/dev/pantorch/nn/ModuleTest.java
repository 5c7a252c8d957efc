package dev.pantorch.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.optim.SGD;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// The tree of modules, its state and its hooks. Error texts of state dicts are Python's.
class ModuleTest {
  /// The tutorial's model, as its readers write it.
  static class LSTMModel extends Module {
    final LSTM lstm;
    final Linear fc;

    LSTMModel(int inputSize, int hiddenSize, int numLayers, int outputSize) {
      lstm =
          register(
              "lstm",
              new LSTM(inputSize, hiddenSize, o -> o.numLayers(numLayers).batchFirst(true)));
      fc = register("fc", new Linear(hiddenSize, outputSize));
    }

    Tensor forward(Tensor x) {
      return hooked(x, input -> fc.forward(lstm.forward(input).output().select(1, -1)));
    }
  }

  /// A layer that counts its calls and has a buffer that is not saved.
  static class Scale extends Layer {
    final Tensor factor = registerParameter("factor", Torch.full(new long[] {1}, 2.0));
    final Tensor calls = registerBuffer("calls", Torch.zeros(DType.INT64, 1));
    final Tensor scratch = registerBuffer("scratch", Torch.zeros(1), false);

    @Override
    public Tensor forward(Tensor input) {
      calls.add_(1);
      return hooked(input, x -> x.mul(factor));
    }
  }

  static class Pair extends Module {
    final Linear first = register("first", new Linear(2, 2));
    final Scale second = register("second", new Scale());
    final Linear tied = register("tied", first);
  }

  @Test
  void should_name_members_by_their_paths_in_the_order_of_registration() {
    Pair pair = new Pair();

    assertThat(pair.namedParameters().keySet())
        .containsExactly("first.weight", "first.bias", "second.factor");
    assertThat(pair.namedBuffers().keySet()).containsExactly("second.calls", "second.scratch");
    assertThat(pair.namedModules().keySet()).containsExactly("", "first", "second");
    assertThat(pair.namedChildren().keySet()).containsExactly("first", "second", "tied");
    assertThat(pair.stateDict().keySet())
        .as("tied members under each name, buffers that are not saved under none")
        .containsExactly(
            "first.weight",
            "first.bias",
            "second.factor",
            "second.calls",
            "tied.weight",
            "tied.bias");
    assertThat(pair.parameters()).hasSize(3);
    assertThat(pair.getParameter("second.factor")).isSameAs(pair.second.factor);
    assertThat(pair.getBuffer("second.calls")).isSameAs(pair.second.calls);
    assertThat(pair.getSubmodule("first")).isSameAs(pair.first);
    assertThatThrownBy(() -> pair.getParameter("second.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Pair has no parameter 'second.weight'; it has [first.weight, first.bias,"
                + " second.factor]");
  }

  @Test
  void should_refuse_names_that_keys_cannot_have() {
    class Named extends Module {
      Named(String... names) {
        for (String name : names) register(name, new Identity());
      }
    }

    assertThatThrownBy(() -> new Named(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("module name can't be empty string \"\"");
    assertThatThrownBy(() -> new Named("a.b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("module name can't contain \".\", got: \"a.b\"");
    assertThatThrownBy(() -> new Named("a", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("module 'a' cannot be registered: Named already has a member of that name");
  }

  @Test
  void should_refuse_a_parameter_that_is_a_result() {
    Tensor weight = Torch.ones(2).requiresGrad_();

    assertThatThrownBy(() ->
            new Module() {
              {
                registerParameter("weight", weight.neg());
              }
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "cannot register non-leaf tensor as parameter 'weight': it is the result of"
                + " NegBackward0; call detach() on it first");
  }

  @Test
  void should_keep_what_is_registered_when_the_scope_ends() {
    LSTMModel model;
    try (var scope = TensorScope.open()) {
      model = new LSTMModel(5, 4, 1, 1);
    }

    try (var scope = TensorScope.open()) {
      assertThat(model.forward(Torch.ones(2, 3, 5)).shape()).containsExactly(2, 1);
    }
  }

  @Test
  void should_list_everything_that_does_not_fit_in_a_state_dict() {
    LSTMModel model = new LSTMModel(5, 4, 1, 1);
    Map<String, Tensor> state = new LinkedHashMap<>(model.stateDict());
    state.remove("lstm.bias_ih_l0");
    state.remove("fc.bias");
    state.put("fc.weight", Torch.ones(1, 3));
    state.put("extra", Torch.ones(1));
    state.put("lstm.weight_ih_l0", Torch.ones(16));

    assertThatThrownBy(() -> model.loadStateDict(state))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            """
            Error(s) in loading state_dict for LSTMModel:
            \tMissing key(s) in state_dict: "lstm.bias_ih_l0", "fc.bias".\s
            \tUnexpected key(s) in state_dict: "extra".\s
            \tsize mismatch for lstm.weight_ih_l0: copying a param with shape torch.Size([16]) from checkpoint, the shape in current model is torch.Size([16, 5]).
            \tsize mismatch for fc.weight: copying a param with shape torch.Size([1, 3]) from checkpoint, the shape in current model is torch.Size([1, 4]).\
            """);
  }

  @Test
  void should_change_nothing_when_a_state_dict_does_not_fit() {
    Linear layer = new Linear(2, 1);
    Tensor before = layer.weight().detach().clone(null);

    assertThatThrownBy(() ->
            layer.loadStateDict(Map.of("weight", Torch.zeros(1, 2), "bias", Torch.zeros(7)), false))
        .isInstanceOf(TorchException.class);
    assertThat(layer.weight().equal(before)).isTrue();
  }

  @Test
  void should_load_what_fits_by_name_when_not_strict() {
    Linear layer = new Linear(2, 1);

    Module.IncompatibleKeys keys =
        layer.loadStateDict(
            Map.of(
                "weight",
                Torch.full(new long[] {1, 2}, 3.0, DType.FLOAT64),
                "other",
                Torch.ones(1)),
            false);

    assertThat(keys.missingKeys()).containsExactly("bias");
    assertThat(keys.unexpectedKeys()).containsExactly("other");
    assertThat(layer.weight().equal(Torch.full(new long[] {1, 2}, 3.0))).isTrue();
    assertThat(layer.weight().requiresGrad()).isTrue();
  }

  @Test
  void should_share_memory_with_the_state_dict_and_restore_from_a_copy_of_it() {
    Linear layer = new Linear(2, 2);
    Map<String, Tensor> copy = new LinkedHashMap<>();
    layer.stateDict().forEach((name, tensor) -> copy.put(name, tensor.clone(null)));

    requireNonNull(layer.stateDict().get("weight")).zero_();
    assertThat(layer.weight().equal(Torch.zeros(2, 2))).isTrue();
    layer.loadStateDict(copy);

    assertThat(layer.weight().equal(requireNonNull(copy.get("weight")))).isTrue();
  }

  @Test
  void should_accept_batch_normalisation_of_before_batches_were_counted() {
    BatchNorm1d norm = new BatchNorm1d(3);
    Map<String, Tensor> old = new LinkedHashMap<>(norm.stateDict());
    old.remove("num_batches_tracked");

    norm.loadStateDict(old);

    assertThat(norm.stateDict().keySet())
        .containsExactly("weight", "bias", "running_mean", "running_var", "num_batches_tracked");
  }

  @Test
  void should_change_dtype_in_place_so_that_optimizers_and_fields_see_it() {
    Scale layer = new Scale();
    Tensor factor = layer.factor;
    SGD optimizer = new SGD(layer.parameters(), 0.5);
    layer.forward(Torch.ones(3)).sum().backward();

    assertThat(layer.to(DType.FLOAT64)).isSameAs(layer);

    assertThat(layer.getParameter("factor")).isSameAs(factor);
    assertThat(factor.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(factor.requiresGrad()).isTrue();
    assertThat(factor.isLeaf()).isTrue();
    assertThat(requireNonNull(factor.grad()).dtype()).isEqualTo(DType.FLOAT64);
    assertThat(layer.scratch.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(layer.calls.dtype()).as("counts stay whole").isEqualTo(DType.INT64);
    optimizer.step();
    assertThat(factor.equal(Torch.full(new long[] {1}, 2 - 0.5 * 3, DType.FLOAT64))).isTrue();
    assertThat(layer.forward(Torch.ones(DType.FLOAT64, 2)).dtype()).isEqualTo(DType.FLOAT64);
  }

  @Test
  void should_refuse_a_dtype_without_gradients() {
    assertThatThrownBy(() -> new Linear(1, 1).to(DType.INT64))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "nn.Module.to only accepts floating point or complex dtypes, but got desired"
                + " dtype=torch.int64");
  }

  @Test
  void should_switch_modes_freeze_and_clear_gradients_below() {
    Pair pair = new Pair();
    assertThat(pair.isTraining()).isTrue();

    assertThat(pair.eval().modules()).noneMatch(Module::isTraining);
    assertThat(pair.train().modules()).allMatch(Module::isTraining);

    pair.first.forward(Torch.ones(1, 2)).sum().backward();
    assertThat(pair.first.weight().grad()).isNotNull();
    pair.zeroGrad(false);
    assertThat(requireNonNull(pair.first.weight().grad()).equal(Torch.zeros(2, 2))).isTrue();
    pair.zeroGrad();
    assertThat(pair.first.weight().grad()).isNull();

    pair.requiresGrad_(false);
    assertThat(pair.parameters()).noneMatch(Tensor::requiresGrad);
  }

  @Test
  void should_apply_a_function_to_children_first() {
    List<String> names = new ArrayList<>();

    new Sequential(new Linear(1, 1), new Sequential(new ReLU()))
        .apply(module -> names.add(module.getClass().getSimpleName()));

    assertThat(names).containsExactly("Linear", "ReLU", "Sequential", "Sequential");
  }

  @Test
  void should_run_hooks_around_forward_until_they_are_removed() {
    Scale layer = new Scale();
    List<String> seen = new ArrayList<>();
    var before =
        layer.registerForwardPreHook((module, input) -> {
          seen.add("before");
          return ((Tensor) input).add(1);
        });
    var after =
        layer.registerForwardHook((module, input, output) -> {
          assertThat(module).isSameAs(layer);
          seen.add("after " + ((Tensor) input).sum().equal(Torch.full(new long[0], 4.0)));
          return ((Tensor) output).neg();
        });
    layer.registerForwardHook((module, input, output) -> null);

    // 2 elements of 1, plus 1, times 2, negated
    assertThat(layer.forward(Torch.ones(2)).equal(Torch.full(new long[] {2}, -4.0))).isTrue();
    assertThat(seen).containsExactly("before", "after true");

    before.remove();
    after.close();
    after.close();
    assertThat(layer.forward(Torch.ones(2)).equal(Torch.full(new long[] {2}, 2.0))).isTrue();
  }

  @Test
  void should_show_hooks_the_arguments_and_results_of_a_recurrent_layer() {
    LSTM lstm = new LSTM(3, 2);
    lstm.registerForwardPreHook((module, input) -> {
      LSTM.Input in = (LSTM.Input) input;
      assertThat(in.state()).isNull();
      return new LSTM.Input(in.input().zero_(), in.state());
    });
    lstm.registerForwardHook((module, input, output) -> {
      LSTM.Output out = (LSTM.Output) output;
      return new LSTM.Output(out.output().detach(), out.state().detach());
    });

    LSTM.Output out = lstm.forward(Torch.ones(4, 1, 3));

    assertThat(out.output().requiresGrad()).isFalse();
    assertThat(out.state().c().requiresGrad()).isFalse();
  }

  @Test
  void should_refuse_what_a_hook_must_not_return() {
    Identity layer = new Identity();
    layer.registerForwardHook((module, input, output) -> "text");

    assertThatThrownBy(() -> layer.forward(Torch.ones(1)))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "a hook of Identity returned a java.lang.String where a dev.pantorch.Tensor is"
                + " expected");
  }

  @Test
  void should_compute_the_same_from_many_threads() throws Exception {
    LSTMModel model = new LSTMModel(5, 8, 2, 1);
    model.eval();
    Tensor x = Torch.randn(4, 6, 5);
    Tensor expected = Torch.noGrad(() -> model.forward(x));

    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tasks.add(() ->
          TensorScope.scope(() ->
              Torch.noGrad(() -> Torch.allclose(model.forward(x), expected, 1e-6, 1e-7, false))));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> result : threads.invokeAll(tasks)) assertThat(result.get()).isTrue();
    }
  }

  @Test
  void should_chain_layers_by_position_and_by_name() {
    Linear first = new Linear(3, 2);
    Sequential chain = new Sequential(first, new Sigmoid()).append(new Flatten(0, 1));
    Tensor x = Torch.randn(4, 3);

    assertThat(chain.forward(x).equal(first.forward(x).sigmoid().flatten(0, 1))).isTrue();
    assertThat(chain.get(-1)).isInstanceOf(Flatten.class);
    assertThat(chain.stateDict().keySet()).containsExactly("0.weight", "0.bias");

    LinkedHashMap<String, Layer> named = new LinkedHashMap<>();
    named.put("hidden", new Linear(3, 2));
    named.put("activation", new ReLU());
    assertThat(new Sequential(named).toString())
        .isEqualTo(
            """
            Sequential(
              (hidden): Linear(in_features=3, out_features=2, bias=True)
              (activation): ReLU()
            )\
            """);
  }
}
