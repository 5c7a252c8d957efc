package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// PyTorch's own inputs of optimizers (optim_db): parameters, state, printed form, state dicts and
/// refusals are Python's, in every implementation.
class OptimizerDbTest {
  /// What Java's types rule out.
  private static final Map<String, String> IMPOSSIBLE =
      Map.of(
          "invalid param type", "a tensor is no list",
          "all optimizer params should be with/without names", "a map names all of its tensors",
          "betas must be either both floats or both Tensors", "betas are numbers",
          "betas\\[0\\] as a Tensor is not supported for capturable=False and foreach=True",
              "betas are numbers");

  private final JsonNode fixture = Fixtures.json("optimizers.json");
  private final TensorSpecs specs =
      new TensorSpecs(Fixtures.tensors("optimizers.safetensors").pool());
  private final OptimizerByName optimizers = new OptimizerByName(specs);

  private Stream<JsonNode> cases() {
    return Fixtures.elements(fixture.get("cases")).stream();
  }

  private static String title(JsonNode recorded) {
    return "%s, %s, %s, %s"
        .formatted(
            recorded.get("optimizer").asText(),
            recorded.get("desc").asText(),
            recorded.path("implementation").asText(),
            recorded.path("dtype").asText());
  }

  @Test
  void should_have_every_optimizer_of_python() {
    List<String> names = new ArrayList<>();
    fixture.get("begins").fieldNames().forEachRemaining(names::add);
    assertThat(names).hasSize(15).allSatisfy(n -> assertThat(OptimizerByName.find(n)).isNotNull());
    Set<String> replayed = new LinkedHashSet<>();
    cases().filter(c -> !c.has("error")).forEach(c -> replayed.add(c.get("optimizer").asText()));
    assertThat(replayed).containsExactlyInAnyOrderElementsOf(names);
  }

  @TestFactory
  Stream<DynamicTest> should_step_as_python_does() {
    return cases()
        .flatMap(c ->
            c.get("implementation").asText().equals("default")
                    && c.path("repr").asText().contains("foreach")
                ? Stream.of(
                    dynamicTest(title(c), () -> replay(c, null)),
                    dynamicTest(title(c) + ", one by one", () -> replay(c, "foreach")))
                : Stream.of(dynamicTest(title(c), () -> replay(c, null))));
  }

  /// @param off an implementation to switch off
  private void replay(JsonNode recorded, @Nullable String off) {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> parameters = start(recorded);
      if (recorded.has("error")) {
        // Python goes on with a list of devices.
        String message = recorded.get("error").asText().split(" of supported devices", 2)[0];
        assertThatThrownBy(
                () -> {
                  Optimizer<?> refused = build(recorded, parameters, off);
                  advance(refused, parameters, recorded, 0, 1);
                })
            .hasMessageStartingWith(message);
        return;
      }
      Optimizer<?> optimizer = build(recorded, parameters, off);
      List<Tensor> losses = advance(optimizer, parameters, recorded, 0, steps(recorded));
      same(losses, recorded.get("losses"), "loss ");
      same(parameters, recorded.get("parameters"), "parameter ");
      same(optimizer.stateDict().get("state"), optimizers.value(recorded.get("state")), "state");
    }
  }

  @TestFactory
  Stream<DynamicTest> should_have_pythons_state_dict_and_print_as_python_does() {
    return cases().filter(c -> c.has("middle")).map(c -> dynamicTest(title(c), () -> layout(c)));
  }

  private void layout(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> parameters = start(recorded);
      Optimizer<?> optimizer = build(recorded, parameters, null);
      advance(optimizer, parameters, recorded, 0, resumed(recorded));
      assertThat(optimizer.toString()).isEqualTo(recorded.get("repr").asText());
      JsonNode middle = recorded.get("middle");
      same(parameters, middle.get("parameters"), "parameter ");
      same(optimizer.stateDict(), optimizers.value(middle.get("stateDict")), "state dict");
    }
  }

  @TestFactory
  Stream<DynamicTest> should_go_on_from_pythons_state_as_if_never_interrupted() {
    return cases().filter(c -> c.has("middle")).map(c -> dynamicTest(title(c), () -> resume(c)));
  }

  @SuppressWarnings("unchecked") // a state dict has names as keys
  private void resume(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> parameters = new ArrayList<>();
      JsonNode middle = recorded.get("middle");
      for (JsonNode spec : middle.get("parameters")) parameters.add(parameter(spec));
      Optimizer<?> optimizer =
          OptimizerByName.build(recorded.get("optimizer").asText(), parameters, Map.of());
      var stateDict =
          (Map<String, Object>) requireNonNull(optimizers.value(middle.get("stateDict")));
      optimizer.loadStateDict(stateDict);
      same(optimizer.stateDict(), stateDict, "loaded state dict");
      advance(optimizer, parameters, recorded, resumed(recorded), steps(recorded));
      same(parameters, recorded.get("parameters"), "parameter ");
      same(optimizer.stateDict().get("state"), optimizers.value(recorded.get("state")), "state");
    }
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_what_python_refuses() {
    return Fixtures.elements(fixture.get("misuses")).stream()
        .filter(m -> !IMPOSSIBLE.containsKey(m.get("desc").asText()))
        .map(m -> dynamicTest(title(m), () -> refuse(m)));
  }

  private void refuse(JsonNode recorded) {
    // Python warns of duplicates that "in future, this will cause an error".
    String message =
        recorded.get("message").isNull()
            ? "optimizer contains a parameter group with duplicate parameters"
            : recorded.get("message").asText();
    String name = recorded.get("optimizer").asText();
    Map<String, @Nullable Object> options = optimizers.options(recorded.get("options"));
    assertThatThrownBy(() -> misuse(name, recorded.get("desc").asText(), options))
        .hasMessage(
            name.equals("LBFGS")
                    && recorded.get("desc").asText().contains("group")
                    && !recorded.get("message").isNull()
                ? "LBFGS doesn't support per-parameter options (parameter groups)"
                : message);
  }

  private void misuse(String name, String desc, Map<String, @Nullable Object> options) {
    Tensor one = parameter(Torch.ones(1, 1));
    switch (desc) {
      case "a param group cannot have duplicate parameters" ->
          OptimizerByName.build(name, List.of(one, one), options);
      case "duplicate parameters should not occur across param groups either" ->
          OptimizerByName.build(name, List.of(one), options).addParamGroup(List.of(one), o -> {});
      case "all optimizer param groups should be with/without names." ->
          OptimizerByName.build(name, List.of(one), options)
              .addParamGroup(
                  new LinkedHashMap<>(Map.of("weight", parameter(Torch.ones(1, 1)))), o -> {});
      case "does not support complex parameters" -> {
        Tensor complex = parameter(Torch.ones(DType.COMPLEX64, 2, 3));
        Optimizer<?> optimizer = OptimizerByName.build(name, List.of(complex), options);
        complex.setGrad(Torch.onesLike(complex));
        optimizer.step();
      }
      case "complex not supported" ->
          OptimizerByName.build(name, List.of(Torch.ones(DType.COMPLEX64, 2, 3)), options);
      case "dense params required", "dense params required in param_groups" ->
          OptimizerByName.build(name, List.of(Torch.zeros(3).toSparse()), options);
      case "only support 2D parameters" ->
          OptimizerByName.build(name, List.of(Torch.ones(2, 3, 4)), options);
      default -> OptimizerByName.build(name, List.of(one), options);
    }
  }

  private static Tensor parameter(Tensor values) {
    return values.requiresGrad_();
  }

  private Tensor parameter(JsonNode spec) {
    return specs.build(spec, new Variables()).requiresGrad_();
  }

  private JsonNode begin(JsonNode recorded) {
    return fixture
        .get("begins")
        .get(recorded.get("begin").asText())
        .get(recorded.get("dtype").asText());
  }

  private List<Tensor> start(JsonNode recorded) {
    return Fixtures.elements(begin(recorded).get("start")).stream().map(this::parameter).toList();
  }

  private boolean hasClosure(JsonNode recorded) {
    return fixture.get("closureSteps").has(recorded.get("optimizer").asText());
  }

  private int steps(JsonNode recorded) {
    return hasClosure(recorded)
        ? fixture.get("closureSteps").get(recorded.get("optimizer").asText()).asInt()
        : fixture.get("steps").asInt();
  }

  private int resumed(JsonNode recorded) {
    return hasClosure(recorded) ? 1 : fixture.get("resumed").asInt();
  }

  private Optimizer<?> build(JsonNode recorded, List<Tensor> parameters, @Nullable String off) {
    Map<String, @Nullable Object> options = optimizers.options(recorded.get("options"));
    String implementation = recorded.get("implementation").asText();
    if (!implementation.equals("default")) options.put(implementation, true);
    if (off != null) options.put(off, false);
    return OptimizerByName.build(recorded.get("optimizer").asText(), parameters, options);
  }

  private List<Tensor> advance(
      Optimizer<?> optimizer, List<Tensor> parameters, JsonNode recorded, int from, int to) {
    List<Tensor> losses = new ArrayList<>();
    for (int step = from; step < to; step++) {
      if (hasClosure(recorded)) {
        losses.add(
            optimizer.step(() -> {
              optimizer.zeroGrad();
              Tensor value = loss(parameters);
              value.backward();
              return value;
            }));
      } else {
        JsonNode row = begin(recorded).get("gradients").get(step);
        for (int i = 0; i < parameters.size(); i++) {
          parameters.get(i).setGrad(specs.build(row.get(i), new Variables()));
        }
        optimizer.step();
      }
    }
    return losses;
  }

  /// The valley of `loss` in `optimizers.py`.
  private static Tensor loss(List<Tensor> parameters) {
    Tensor total = null;
    for (Tensor parameter : parameters) {
      Tensor p = parameter.dtype().isComplex() ? Torch.viewAsReal(parameter) : parameter;
      Tensor far = p.mul(p).sub(1.5).pow(2).sum();
      total = (total == null ? far : total.add(far)).add(p.sub(0.5).pow(2).sum());
    }
    return requireNonNull(total);
  }

  private void same(List<Tensor> found, JsonNode expected, String what) {
    assertThat(found).as("%ss", what).hasSize(expected.size());
    for (int i = 0; i < found.size(); i++) {
      Values.check(found.get(i), specs.build(expected.get(i), new Variables()), what + i);
    }
  }

  private static void same(@Nullable Object found, @Nullable Object expected, String what) {
    // The t of L-BFGS is the very object that the rate is, an integer say, and is cast like state.
    if (what.endsWith(".t")) {
      assertThat(number(found)).as(what).isEqualTo(number(expected));
      return;
    }
    switch (expected) {
      case Tensor tensor -> {
        assertThat(found).as(what).isInstanceOf(Tensor.class);
        Tensor other = (Tensor) requireNonNull(found);
        assertThat(other.layout()).as(what).isEqualTo(Layout.STRIDED);
        Values.check(other, tensor, what);
      }
      case Map<?, ?> map -> {
        assertThat(found).as(what).isInstanceOf(Map.class);
        Map<?, ?> other = (Map<?, ?>) requireNonNull(found);
        assertThat(List.<Object>copyOf(other.keySet()))
            .as(what)
            .isEqualTo(List.copyOf(map.keySet()));
        map.forEach((key, value) -> same(other.get(key), value, what + "." + key));
      }
      case List<?> list -> {
        assertThat(found).as(what).isInstanceOf(List.class);
        List<?> other = (List<?>) requireNonNull(found);
        assertThat(other).as(what).hasSameSizeAs(list);
        for (int i = 0; i < list.size(); i++) same(other.get(i), list.get(i), what + "." + i);
      }
      case Double number when !Environment.CURRENT.isExact() ->
          assertThat((Double) requireNonNull(found))
              .as(what)
              .isCloseTo(number, org.assertj.core.data.Percentage.withPercentage(1e-3));
      case null, default -> assertThat(found).as(what).isEqualTo(expected);
    }
  }

  private static double number(@Nullable Object value) {
    return value instanceof Tensor tensor
        ? tensor.item()
        : ((Number) requireNonNull(value)).doubleValue();
  }
}
