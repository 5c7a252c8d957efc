package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.SGD;
import dev.pantorch.optim.lr.ReduceLROnPlateau;
import dev.pantorch.optim.lr.StepLR;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Optimizers and schedulers step as Python's do, with every option and implementation.
class OptimizerParityTest {
  private final JsonNode fixture = Fixtures.json("training.json");
  private final TensorFile tensors = Fixtures.tensors("training.safetensors");

  @TestFactory
  Stream<DynamicTest> should_step_as_python_does() {
    JsonNode optimizers = fixture.get("optimizers");
    return Fixtures.elements(optimizers.get("cases")).stream()
        .map(c ->
            dynamicTest(
                "%s%s %s"
                    .formatted(
                        c.get("optimizer").asText(),
                        c.get("options"),
                        c.get("implementation").asText()),
                () -> steps(optimizers, c)));
  }

  private void steps(JsonNode optimizers, JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      var parameters = new ArrayList<Tensor>();
      for (int i = 0; i < optimizers.get("parameters").asInt(); i++) {
        parameters.add(tensors.tensor("optimizers.start." + i).requiresGrad_(true));
      }
      Optimizer<?> optimizer = optimizer(recorded, parameters);
      for (int step = 0; step < optimizers.get("steps").asInt(); step++) {
        for (int i = 0; i < parameters.size(); i++) {
          Tensor gradient = tensors.tensor("optimizers.gradient.%d.%d".formatted(step, i));
          parameters.get(i).setGrad(gradient);
        }
        optimizer.step();
      }
      String prefix = recorded.get("prefix").asText();
      for (int i = 0; i < parameters.size(); i++) {
        Values.check(parameters.get(i), tensors.tensor(prefix + "." + i), "parameter " + i);
      }
    }
  }

  private static Optimizer<?> optimizer(JsonNode recorded, List<Tensor> parameters) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    recorded.get("options").properties().forEach(o -> options.put(o.getKey(), value(o.getValue())));
    switch (recorded.get("implementation").asText()) {
      case "plain" -> options.putAll(Map.of("foreach", false, "fused", false));
      case "foreach" -> options.put("foreach", true);
      default -> options.put("fused", true);
    }
    return OptimizerByName.build(recorded.get("optimizer").asText(), parameters, options);
  }

  private static Object value(JsonNode node) {
    if (node.isArray()) return node.valueStream().map(JsonNode::asDouble).toList();
    return node.isBoolean() ? (Object) node.asBoolean() : (Object) node.asDouble();
  }

  @TestFactory
  Stream<DynamicTest> should_schedule_as_python_does() {
    List<JsonNode> cases = Fixtures.elements(fixture.get("schedulers"));
    return IntStream.range(0, cases.size())
        .mapToObj(i ->
            dynamicTest(
                cases.get(i).get("scheduler").asText() + cases.get(i).get("options"),
                () -> schedule(cases.get(i))));
  }

  private static void schedule(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      SGD optimizer = new SGD(List.of(Torch.zeros(1).requiresGrad_(true)), 0.1);
      double[] expected =
          Fixtures.elements(recorded.get("rates")).stream()
              .mapToDouble(JsonNode::asDouble)
              .toArray();
      assertThat(
              recorded.get("scheduler").asText().equals("StepLR")
                  ? stepRates(optimizer, recorded)
                  : plateauRates(optimizer, recorded))
          .containsExactly(expected);
    }
  }

  private static double[] stepRates(SGD optimizer, JsonNode recorded) {
    JsonNode options = recorded.get("options");
    StepLR scheduler =
        new StepLR(optimizer, options.get("step_size").asInt(), options.get("gamma").asDouble());
    return recorded
        .get("rates")
        .valueStream()
        .mapToDouble(step -> {
          double rate = optimizer.paramGroups().getFirst().lr();
          optimizer.step();
          scheduler.step();
          return rate;
        })
        .toArray();
  }

  private static double[] plateauRates(SGD optimizer, JsonNode recorded) {
    ReduceLROnPlateau scheduler =
        new ReduceLROnPlateau(optimizer, o -> configure(o, recorded.get("options")));
    return recorded
        .get("metrics")
        .valueStream()
        .mapToDouble(metric -> {
          optimizer.step();
          scheduler.step(metric.asDouble());
          return optimizer.paramGroups().getFirst().lr();
        })
        .toArray();
  }

  private static void configure(ReduceLROnPlateau.Options options, JsonNode recorded) {
    recorded
        .properties()
        .forEach(option -> {
          JsonNode value = option.getValue();
          switch (option.getKey()) {
            case "mode" -> options.mode(ReduceLROnPlateau.Mode.valueOf(upper(value)));
            case "factor" -> options.factor(value.asDouble());
            case "patience" -> options.patience(value.asInt());
            case "threshold" -> options.threshold(value.asDouble());
            case "threshold_mode" ->
                options.thresholdMode(ReduceLROnPlateau.ThresholdMode.valueOf(upper(value)));
            case "cooldown" -> options.cooldown(value.asInt());
            case "min_lr" -> options.minLr(value.asDouble());
            case "eps" -> options.eps(value.asDouble());
            default -> throw new IllegalArgumentException(option.getKey());
          }
        });
  }

  private static String upper(JsonNode text) {
    return text.asText().toUpperCase(Locale.ROOT);
  }
}
