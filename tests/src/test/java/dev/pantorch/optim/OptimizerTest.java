package dev.pantorch.optim;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Embedding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Groups, state and misuse of optimizers. Their numbers are compared with Python's in the parity
/// tests.
class OptimizerTest {
  private static Tensor parameter() {
    return Torch.ones(3).requiresGrad_();
  }

  private static void step(Optimizer<?> optimizer, List<Tensor> parameters, double gradient) {
    for (Tensor parameter : parameters) {
      parameter.setGrad(Torch.full(parameter.shape(), gradient, parameter.dtype()));
    }
    optimizer.step();
  }

  private static Map<String, Function<List<Tensor>, Optimizer<?>>> optimizers() {
    Map<String, Function<List<Tensor>, Optimizer<?>>> all = new LinkedHashMap<>();
    all.put("SGD", p -> new SGD(p, o -> o.lr(0.1).momentum(0.9).nesterov(true)));
    all.put("fused SGD", p -> new SGD(p, o -> o.lr(0.1).momentum(0.9).fused(true)));
    all.put("Adam", p -> new Adam(p, o -> o.lr(0.1).amsgrad(true)));
    all.put("fused Adam", p -> new Adam(p, o -> o.lr(0.1).fused(true)));
    all.put("AdamW", p -> new AdamW(p, 0.1));
    all.put("Adamax", p -> new Adamax(p, 0.1));
    all.put("NAdam", p -> new NAdam(p, 0.1));
    all.put("RAdam", p -> new RAdam(p, 0.1));
    all.put("RMSprop", p -> new RMSprop(p, o -> o.centered(true).momentum(0.5)));
    all.put("Rprop", p -> new Rprop(p, 0.1));
    all.put("Adagrad", p -> new Adagrad(p, 0.1));
    all.put("Adadelta", p -> new Adadelta(p, 0.1));
    all.put("ASGD", p -> new ASGD(p, o -> o.lr(0.1).t0(2)));
    all.put("Adafactor", p -> new Adafactor(p, 0.1));
    return all;
  }

  @TestFactory
  Stream<DynamicTest> should_go_on_from_a_saved_state_as_if_never_interrupted() {
    return optimizers().entrySet().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> resume(each.getValue())));
  }

  private static void resume(Function<List<Tensor>, Optimizer<?>> make) {
    List<Tensor> straight = List.of(parameter(), parameter());
    Optimizer<?> whole = make.apply(straight);
    for (int i = 0; i < 5; i++) step(whole, straight, i + 0.5);

    List<Tensor> first = List.of(parameter(), parameter());
    Optimizer<?> before = make.apply(first);
    for (int i = 0; i < 3; i++) step(before, first, i + 0.5);
    List<Tensor> second = new ArrayList<>();
    for (Tensor tensor : first) second.add(tensor.detach().clone(null).requiresGrad_());
    Optimizer<?> after = make.apply(second);
    after.loadStateDict(before.stateDict());
    // What was loaded is a copy.
    step(before, first, 100);
    for (int i = 3; i < 5; i++) step(after, second, i + 0.5);

    assertThat(second.get(0).equal(straight.get(0))).isTrue();
    assertThat(second.get(1).equal(straight.get(1))).isTrue();
  }

  @TestFactory
  Stream<DynamicTest> should_not_gather_tensors_over_steps() {
    return Stream.concat(
            optimizers().entrySet().stream(),
            Stream.of(
                Map.entry(
                    "LBFGS", (Function<List<Tensor>, Optimizer<?>>) OptimizerTest::shortLBFGS)))
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> stayFlat(each.getValue())));
  }

  private static Optimizer<?> shortLBFGS(List<Tensor> parameters) {
    return new LBFGS(
        parameters, o -> o.historySize(2).lr(0.1).lineSearchFn(LBFGS.LineSearch.STRONG_WOLFE));
  }

  private static void stayFlat(Function<List<Tensor>, Optimizer<?>> make) {
    List<Tensor> parameters = List.of(parameter(), parameter());
    Optimizer<?> optimizer = make.apply(parameters);
    long before = 0;
    for (int i = 0; i < 6; i++) {
      try (var scope = TensorScope.open()) {
        optimizer.step(() -> {
          optimizer.zeroGrad();
          Tensor loss = parameters.get(0).mul(3).add(parameters.get(1)).pow(4).sum();
          loss.backward();
          return loss;
        });
        optimizer.zeroGrad();
      }
      if (i == 3) before = LeakDetection.liveHandles();
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_keep_its_state_beyond_the_scopes_of_its_steps() {
    List<Tensor> parameters = List.of(parameter());
    Adam optimizer = new Adam(parameters, 0.1);

    for (int i = 0; i < 3; i++) {
      try (var scope = TensorScope.open()) {
        step(optimizer, parameters, 1);
        assertThat(scope.size()).as("the gradient alone").isEqualTo(1);
      }
    }

    assertThat(optimizer.stepCount()).isEqualTo(3);
  }

  @Test
  @SuppressWarnings("unchecked") // the layout under test
  void should_lay_its_state_out_as_python_does() {
    List<Tensor> body = List.of(parameter(), parameter());
    Tensor head = parameter();
    Adam optimizer =
        new Adam(body, o -> o.lr(0.1)).addParamGroup(List.of(head), o -> o.lr(0.5).eps(1e-6));
    body.get(1).setGrad(Torch.ones(3));
    head.setGrad(Torch.ones(3));
    optimizer.step();

    Map<String, Object> state = optimizer.stateDict();

    assertThat(state.keySet()).containsExactly("state", "param_groups");
    var byNumber = (Map<Integer, Map<String, Tensor>>) requireNonNull(state.get("state"));
    assertThat(byNumber.keySet()).containsExactly(1, 2);
    assertThat(requireNonNull(byNumber.get(1)).keySet())
        .containsExactly("step", "exp_avg", "exp_avg_sq");
    Tensor steps = requireNonNull(requireNonNull(byNumber.get(2)).get("step"));
    assertThat(steps.equal(Torch.ones())).isTrue();
    var groups = (List<Map<String, Object>>) requireNonNull(state.get("param_groups"));
    assertThat(groups.get(0).keySet())
        .containsExactly(
            "lr",
            "betas",
            "eps",
            "weight_decay",
            "amsgrad",
            "maximize",
            "foreach",
            "capturable",
            "differentiable",
            "fused",
            "decoupled_weight_decay",
            "params");
    assertThat(groups.get(0))
        .containsEntry("lr", 0.1)
        .containsEntry("betas", List.of(0.9, 0.999))
        .containsEntry("foreach", null)
        .containsEntry("params", List.of(0, 1));
    assertThat(groups.get(1))
        .containsEntry("lr", 0.5)
        .containsEntry("eps", 1e-6)
        .containsEntry("params", List.of(2));
  }

  @Test
  void should_load_what_python_writes() {
    List<Tensor> parameters = List.of(parameter());
    SGD optimizer = new SGD(parameters, 0.1);
    Map<String, Object> group = new LinkedHashMap<>();
    group.put("lr", 0.25);
    group.put("momentum", 0.5);
    group.put("dampening", 0L);
    group.put("weight_decay", 0);
    group.put("nesterov", false);
    group.put("maximize", false);
    group.put("foreach", null);
    group.put("differentiable", false);
    group.put("fused", null);
    group.put("params", List.of(0L));

    optimizer.loadStateDict(
        Map.of(
            "state",
            Map.of(0L, Map.of("momentum_buffer", Torch.ones(DType.FLOAT64, 3))),
            "param_groups",
            List.of(group)));
    step(optimizer, parameters, 2);

    // 1 - 0.25 (0.5 * 1 + 2)
    assertThat(parameters.getFirst().equal(Torch.full(new long[] {3}, 0.375))).isTrue();
  }

  @Test
  void should_refuse_a_state_of_other_groups() {
    Adam one = new Adam(List.of(parameter()), 0.1);
    Adam two = new Adam(List.of(parameter(), parameter()), 0.1);
    Adam split = new Adam(List.of(parameter()), 0.1).addParamGroup(List.of(parameter()), o -> {});

    assertThatThrownBy(() -> one.loadStateDict(split.stateDict()))
        .isInstanceOf(ValueException.class)
        .hasMessage("loaded state dict has a different number of parameter groups: 2 instead of 1");
    assertThatThrownBy(() -> one.loadStateDict(two.stateDict()))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "loaded state dict contains a parameter group that doesn't match the size of"
                + " optimizer's group: 2 parameters instead of 1 in group 0");
    assertThatThrownBy(() -> one.loadStateDict(Map.of()))
        .isInstanceOf(ValueException.class)
        .hasMessage("loaded state dict has no list as param_groups");
  }

  @Test
  void should_use_the_options_of_each_group_as_they_are_at_the_step() {
    Tensor slow = parameter();
    Tensor fast = parameter();
    SGD optimizer =
        new SGD(List.of(slow), o -> o.lr(0.5)).addParamGroup(List.of(fast), o -> o.lr(1));
    step(optimizer, List.of(slow, fast), 1);
    assertThat(slow.equal(Torch.full(new long[] {3}, 0.5))).isTrue();
    assertThat(fast.equal(Torch.zeros(3))).isTrue();

    optimizer.paramGroups().get(0).lr(0.25).momentum(0.5);
    step(optimizer, List.of(slow, fast), 1);

    assertThat(slow.equal(Torch.full(new long[] {3}, 0.25))).isTrue();
    assertThat(optimizer.paramGroups().get(0).get("momentum")).isEqualTo(0.5);
  }

  @Test
  void should_leave_parameters_without_gradient_alone() {
    Tensor used = parameter();
    Tensor unused = parameter();
    AdamW optimizer = new AdamW(List.of(used, unused), 0.1);

    step(optimizer, List.of(used), 1);

    assertThat(unused.equal(Torch.ones(3))).isTrue();
    optimizer.zeroGrad();
    assertThat(used.grad()).isNull();
  }

  @Test
  void should_begin_momentum_with_each_parameters_first_gradient() {
    for (boolean fused : new boolean[] {false, true}) {
      Tensor early = parameter();
      Tensor late = parameter();
      SGD optimizer =
          new SGD(List.of(early, late), o -> o.lr(1).momentum(0.5).dampening(0.5).fused(fused));
      step(optimizer, List.of(early), 1);
      step(optimizer, List.of(early, late), 1);

      // early: 1 - 1 - (0.5 * 1 + 0.5 * 1); late: 1 - 1
      assertThat(early.equal(Torch.full(new long[] {3}, -1.0))).isTrue();
      assertThat(late.equal(Torch.zeros(3))).isTrue();
    }
  }

  @Test
  void should_compute_the_loss_anew_where_a_closure_does() {
    Tensor x = parameter();
    SGD optimizer = new SGD(List.of(x), 0.5);

    Tensor loss =
        Torch.noGrad(() ->
            optimizer.step(() -> {
              optimizer.zeroGrad();
              Tensor value = x.mul(x).sum();
              value.backward();
              return value;
            }));

    // d(x x) = 2 x, so that half of it is x itself
    assertThat(loss.equal(Torch.full(new long[0], 3.0))).isTrue();
    assertThat(x.equal(Torch.zeros(3))).isTrue();
  }

  @Test
  void should_train_complex_parameters() {
    Tensor z = Torch.full(new long[] {1}, 1.0, DType.COMPLEX64).requiresGrad_();
    Adam optimizer = new Adam(List.of(z), 0.5);

    z.setGrad(Torch.full(new long[] {1}, 1.0, DType.COMPLEX64));
    optimizer.step();

    // the first step is the rate, along the sign of each part
    assertThat(
            Torch.allclose(
                z.detach(), Torch.full(new long[] {1}, 0.5, DType.COMPLEX64), 1e-4, 1e-5, false))
        .isTrue();
  }

  @Test
  void should_take_sparse_gradients_where_python_does() {
    Embedding embedding = new Embedding(4, 2, o -> o.sparse(true));
    Tensor before = embedding.weight().detach().clone(null);
    embedding.forward(Torch.arange(2)).sum().backward();

    new SGD(embedding.parameters(), 0.5).step();

    Tensor change = before.sub(embedding.weight().detach());
    assertThat(Torch.allclose(change.narrow(0, 0, 2), Torch.full(new long[] {2, 2}, 0.5))).isTrue();
    assertThat(change.narrow(0, 2, 2).equal(Torch.zeros(2, 2))).isTrue();
    assertThatThrownBy(() -> new Adam(embedding.parameters(), 0.5).step())
        .isInstanceOf(TorchException.class)
        .hasMessage("Adam does not support sparse gradients, please consider SparseAdam instead");
  }

  @Test
  void should_refuse_parameters_and_options_that_make_no_sense() {
    Tensor x = parameter();
    List<Tensor> one = List.of(x);

    assertRefused(() -> new SGD(List.of(), 0.1), "optimizer got an empty parameter list");
    assertRefused(
        () -> new SGD(List.of(x.neg()), 0.1),
        "can't optimize a non-leaf Tensor: it is the result of NegBackward0");
    assertRefused(
        () -> new SGD(List.of(x, x), 0.1),
        "optimizer contains a parameter group with duplicate parameters");
    assertRefused(
        () -> new SGD(one, 0.1).addParamGroup(one, o -> {}),
        "some parameters appear in more than one parameter group");
    assertRefused(() -> new SGD(one, -0.1), "Invalid learning rate: -0.1");
    assertRefused(() -> new SGD(one, o -> o.momentum(-1)), "Invalid momentum value: -1.0");
    assertRefused(() -> new SGD(one, o -> o.weightDecay(-1)), "Invalid weight_decay value: -1.0");
    assertRefused(
        () -> new SGD(one, o -> o.nesterov(true)),
        "Nesterov momentum requires a momentum and zero dampening");
    assertRefused(
        () -> new SGD(one, o -> o.fused(true).foreach(true)),
        "`fused` and `foreach` cannot be `True` together.");
    assertRefused(() -> new Adam(one, Double.NaN), "Invalid learning rate: nan");
    assertRefused(() -> new Adam(one, o -> o.eps(-1e-9)), "Invalid epsilon value: -1e-09");
    assertRefused(
        () -> new Adam(one, o -> o.betas(0.9, 1)), "Invalid beta parameter at index 1: 1.0");
  }

  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(ValueException.class).hasMessage(message);
  }

  @Test
  void should_print_as_python_does() {
    assertThat(new SGD(List.of(parameter()), o -> o.lr(1e-5).momentum(0.9)).toString())
        .isEqualTo(
            """
            SGD (
            Parameter Group 0
                dampening: 0
                differentiable: False
                foreach: None
                fused: None
                lr: 1e-05
                maximize: False
                momentum: 0.9
                nesterov: False
                weight_decay: 0
            )\
            """);
  }
}
