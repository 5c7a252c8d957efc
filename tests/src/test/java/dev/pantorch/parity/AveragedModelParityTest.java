package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Sequential;
import dev.pantorch.optim.SGD;
import dev.pantorch.optim.swa.AveragedModel;
import dev.pantorch.optim.swa.SWALR;
import dev.pantorch.optim.swa.SwaUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Averages of weights, batch normalisation for them, and their schedule are Python's.
class AveragedModelParityTest {
  private final JsonNode fixture = Fixtures.json("optimizers.json");
  private final JsonNode averages = fixture.get("averages");
  private final OptimizerByName values =
      new OptimizerByName(new TensorSpecs(Fixtures.tensors("optimizers.safetensors").pool()));

  private static Sequential architecture() {
    return new Sequential(new Linear(3, 4), new BatchNorm1d(4), new Linear(4, 1));
  }

  private static Map<String, Consumer<AveragedModel.Options>> kinds() {
    Map<String, Consumer<AveragedModel.Options>> kinds = new LinkedHashMap<>();
    kinds.put("swa", o -> {});
    kinds.put("ema", o -> o.multiAvgFn(SwaUtils.getEmaMultiAvgFn(0.9)));
    kinds.put("swaTogether", o -> o.multiAvgFn(SwaUtils.getSwaMultiAvgFn()));
    kinds.put("emaOneByOne", o -> o.avgFn(SwaUtils.getEmaAvgFn(0.9)));
    kinds.put(
        "own",
        o -> o.avgFn((averaged, current, n) -> averaged.add(current.sub(averaged).div(n + 2))));
    kinds.put("emaWithBuffers", o -> o.multiAvgFn(SwaUtils.getEmaMultiAvgFn(0.5)).useBuffers(true));
    return kinds;
  }

  private List<Tensor> batches() {
    List<Tensor> batches = new ArrayList<>();
    averages.get("batches").forEach(b -> batches.add(values.specs().build(b, new Variables())));
    return batches;
  }

  /// Trains as `averages` in `optimizers.py` does.
  private Map<String, AveragedModel<Sequential>> train() {
    Torch.manualSeed(averages.get("seed").asLong());
    Sequential model = architecture();
    same(model.stateDict(), averages.get("initial"), "initial ");
    Map<String, AveragedModel<Sequential>> averaged = new LinkedHashMap<>();
    kinds()
        .forEach((name, settings) ->
            averaged.put(
                name, new AveragedModel<>(model, AveragedModelParityTest::architecture, settings)));
    SGD optimizer = new SGD(model.parameters(), 0.1);
    for (Tensor x : batches()) {
      optimizer.zeroGrad();
      model.forward(x).pow(2).sum().backward();
      optimizer.step();
      averaged.values().forEach(each -> each.updateParameters(model));
    }
    same(model.stateDict(), averages.get("final"), "final ");
    return averaged;
  }

  @Test
  void should_average_as_python_does() {
    try (TensorScope scope = TensorScope.open()) {
      train()
          .forEach(
              (name, each) -> same(each.stateDict(), averages.get("kinds").get(name), name + " "));
    }
  }

  @Test
  void should_compute_batch_statistics_anew_as_python_does() {
    try (TensorScope scope = TensorScope.open()) {
      AveragedModel<Sequential> averaged = requireNonNull(train().get("swa"));
      SwaUtils.updateBn(batches(), averaged, x -> averaged.module().forward(x));
      same(averaged.stateDict(), averages.get("batchNorm"), "after updateBn ");
      assertThat(((BatchNorm1d) averaged.module().children().get(1)).momentum()).isEqualTo(0.1);
    }
  }

  private void same(Map<String, Tensor> found, JsonNode expected, String what) {
    var dict = (Map<?, ?>) requireNonNull(values.value(expected));
    assertThat(List.<Object>copyOf(found.keySet())).isEqualTo(List.copyOf(dict.keySet()));
    found.forEach((name, tensor) ->
        Values.check(tensor, (Tensor) requireNonNull(dict.get(name)), what + name));
  }

  @TestFactory
  Stream<DynamicTest> should_bring_rates_down_as_python_does() {
    JsonNode cases = fixture.get("swaRates");
    return IntStream.range(0, cases.size())
        .mapToObj(
            i -> dynamicTest(cases.get(i).get("options").toString(), () -> rates(cases.get(i))));
  }

  private static SWALR scheduler(SGD optimizer, JsonNode options) {
    return new SWALR(
        optimizer,
        0.05,
        o -> {
          if (options.has("anneal_epochs")) o.annealEpochs(options.get("anneal_epochs").asInt());
          if (options.has("anneal_strategy")) {
            String strategy = options.get("anneal_strategy").asText().toUpperCase(Locale.ROOT);
            o.annealStrategy(SWALR.AnnealStrategy.valueOf(strategy));
          }
        });
  }

  private static void rates(JsonNode recorded) {
    SGD optimizer =
        new SGD(List.of(Torch.zeros(1)), 0.5)
            .addParamGroup(List.of(Torch.zeros(1)), o -> o.lr(0.2));
    SWALR scheduler = scheduler(optimizer, recorded.get("options"));
    for (JsonNode expected : recorded.get("rates")) {
      for (int i = 0; i < 2; i++) {
        assertThat(optimizer.paramGroups().get(i).lr()).isEqualTo(expected.get(i).asDouble());
      }
      optimizer.step();
      scheduler.step();
    }
    Map<String, @Nullable Object> state = scheduler.stateDict();
    JsonNode expected = recorded.get("state");
    for (String name : List.of("anneal_epochs", "_anneal_strategy", "last_epoch", "_step_count")) {
      assertThat(String.valueOf(state.get(name))).as(name).isEqualTo(expected.get(name).asText());
    }
    SWALR other = scheduler(optimizer, Fixtures.JSON.createObjectNode());
    other.loadStateDict(state);
    assertThat(other.stateDict()).isEqualTo(state);
  }
}
