package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.amp.GradScaler;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.utils.ClipGrad;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Autocast gives the bits and the dtypes that it gives in Python, and a scaler the same factors,
/// gradients and parameters, also when gradients are infinite.
class AmpParityTest {
  /// bfloat16 has 8 bits.
  private static final double OTHER_MACHINE = 0.05;

  private final JsonNode fixture = Fixtures.json("amp.json");
  private final TensorFile tensors = Fixtures.tensors("amp.safetensors");

  private static final class Model extends Module {
    private final UnaryOperator<Tensor> rnn;
    private final Linear fc;

    Model(String layer) {
      if (layer.equals("lstm")) {
        LSTM lstm =
            register("rnn", new LSTM(5, 64, o -> o.numLayers(2).batchFirst(true).projSize(32)));
        rnn = x -> lstm.forward(x).output();
      } else {
        GRU gru = register("rnn", new GRU(5, 32, o -> o.numLayers(2).batchFirst(true)));
        rnn = x -> gru.forward(x).output();
      }
      fc = register("fc", new Linear(32, 1));
    }

    Tensor forward(Tensor x) {
      return fc.forward(rnn.apply(x).select(1, -1));
    }
  }

  @TestFactory
  Stream<DynamicTest> should_train_the_tutorials_model_as_python_does() {
    return Stream.of("lstm", "gru")
        .flatMap(layer ->
            Stream.of(DType.BFLOAT16, DType.FLOAT16)
                .map(dtype -> dynamicTest(layer + " " + dtype, () -> train(layer, dtype))));
  }

  private void train(String layer, DType dtype) {
    try (var scope = TensorScope.open()) {
      Torch.manualSeed(fixture.get("seed").asLong());
      Model model = new Model(layer);
      Tensor x = Torch.randn(32, 10, 5);
      Tensor y = Torch.randint(0, 2, 32).float32();
      Tensor output;
      Tensor loss;
      try (var mode = Torch.autocast(DeviceType.CPU, dtype)) {
        output = model.forward(x);
        loss = new BCEWithLogitsLoss().forward(output.squeeze(), y);
      }
      loss.backward();

      String prefix = layer + "." + dtype.name().toLowerCase(Locale.ROOT) + ".";
      equal(output, prefix + "output");
      equal(loss, prefix + "loss");
      model
          .namedParameters()
          .forEach((name, parameter) ->
              equal(requireNonNull(parameter.grad()), prefix + "grad." + name));
    }
  }

  private void equal(Tensor actual, String name) {
    Values.check(actual, tensors.tensor(name), name, OTHER_MACHINE, OTHER_MACHINE);
  }

  /// PyTorch's own list (`autocast_test_lists.py`).
  @TestFactory
  Stream<DynamicTest> should_compute_each_operator_in_the_dtype_that_python_does() {
    return fixture
        .get("operators")
        .valueStream()
        .flatMap(c ->
            c.get("results").properties().stream()
                .map(result ->
                    dynamicTest(
                        c.get("op").asText() + " " + result.getKey(),
                        () -> operator(c, result.getKey(), result.getValue().asText()))));
  }

  private static void operator(JsonNode recorded, String fast, String expected) {
    try (var scope = TensorScope.open()) {
      List<Object> arguments = new ArrayList<>();
      recorded.get("args").forEach(argument -> arguments.add(argument(argument)));
      try (var mode = Torch.autocast(DeviceType.CPU, dtype(fast))) {
        var results = Torch.op(recorded.get("op").asText()).call(arguments, Map.of());
        assertThat(((Tensor) results.getFirst()).dtype()).isEqualTo(dtype(expected));
      }
    }
  }

  private static DType dtype(String name) {
    return DType.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Object argument(JsonNode node) {
    if (node.isArray()) {
      List<Object> elements = new ArrayList<>();
      node.forEach(element -> elements.add(argument(element)));
      return elements;
    }
    if (node.isBoolean()) return node.booleanValue();
    if (node.isIntegralNumber()) return node.longValue();
    if (node.isNumber()) return node.doubleValue();
    DType dtype = dtype(node.get("dtype").asText());
    long[] size = Fixtures.longs(node.get("size"));
    return dtype.isFloatingPoint() ? Torch.full(size, 0.5, dtype) : Torch.zeros(dtype, size);
  }

  @TestFactory
  Stream<DynamicTest> should_scale_as_python_does() {
    return Stream.of(
        dynamicTest("usual", () -> scale("usual", o -> {})),
        // Python's kernel divides the gradients itself; by powers of two that is the same.
        dynamicTest("fused", () -> scale("fused", o -> {})),
        dynamicTest(
            "quick",
            () ->
                scale(
                    "quick",
                    o ->
                        o.initScale(1000).growthFactor(1.7).backoffFactor(0.3).growthInterval(3))));
  }

  private void scale(String name, Consumer<GradScaler.Options> settings) {
    JsonNode recorded = fixture.get("scaler").get(name);
    boolean fused = name.equals("fused");
    try (var scope = TensorScope.open()) {
      List<Tensor> parameters =
          List.of(
              tensors.tensor(name + ".start.0").requiresGrad_(),
              tensors.tensor(name + ".start.1").requiresGrad_());
      List<Optimizer<?>> optimizers =
          List.of(
              new SGD(parameters.subList(0, 1), o -> o.lr(0.1).momentum(0.9)),
              new Adam(parameters.subList(1, 2), o -> o.lr(0.01).fused(fused)));
      GradScaler scaler = new GradScaler(DeviceType.CPU, settings);
      for (int step = 0; step < fixture.get("steps").asInt(); step++) {
        for (Tensor parameter : parameters) parameter.setGrad(null);
        Tensor loss = parameters.get(0).pow(2).sum().add(parameters.get(1).pow(3).sum().div(7));
        scaler.scale(loss).backward();
        JsonNode bad = fixture.get("bad").get(Integer.toString(step));
        if (bad != null)
          requireNonNull(parameters.get(0).grad()).select(0, 1).fill_(Fixtures.number(bad));
        JsonNode second = fused ? fixture.get("bad").get(Integer.toString(step - 1)) : null;
        if (second != null) {
          requireNonNull(parameters.get(1).grad()).select(0, 2).fill_(Fixtures.number(second));
        }
        scaler.unscale_(optimizers.get(0));
        Tensor norm = ClipGrad.clipGradNorm_(parameters.subList(0, 1), 1.5);
        List<Boolean> made = optimizers.stream().map(scaler::step).toList();
        scaler.update();

        assertThat(made).containsExactly(bad == null, second == null);
        assertThat(norm).isBitEqualTo(tensors.tensor(name + ".norm." + step));
        assertThat(scaler.getScale()).isEqualTo(recorded.get("scales").get(step).asDouble());
        assertThat(scaler.stateDict())
            .containsEntry("_growth_tracker", recorded.get("trackers").get(step).asInt());
        for (int i = 0; i < 2; i++) {
          assertThat(parameters.get(i))
              .isBitEqualTo(tensors.tensor("%s.%d.%d".formatted(name, step, i)));
        }
      }
      assertThat(Fixtures.JSON.<JsonNode>valueToTree(scaler.stateDict()))
          .isEqualTo(recorded.get("stateDict"));
    }
  }
}
