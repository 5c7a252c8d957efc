package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.examples.LSTMModel;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Init;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.Sigmoid;
import dev.pantorch.nn.utils.ClipGrad;
import dev.pantorch.testing.TensorAssert;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Initialisers, the order in which constructors draw, gradient clipping and module trees, as
/// Python has them.
class InitParityTest {
  private final JsonNode fixture = Fixtures.json("layers.json");
  private final TensorFile tensors = Fixtures.tensors("layers.safetensors");

  @TestFactory
  Stream<DynamicTest> should_initialise_as_python_does() {
    return Fixtures.elements(fixture.get("init").get("cases")).stream()
        .map(c ->
            dynamicTest(
                "%s %s%s".formatted(c.get("init").asText(), c.get("size"), c.get("options")),
                () -> initialise(c)));
  }

  private void initialise(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(fixture.get("buildSeed").asLong());
      Tensor empty = Torch.empty(Fixtures.longs(recorded.get("size")));
      Tensor tensor = initialised(empty, recorded.get("init").asText(), recorded.get("options"));
      String name = recorded.get("tensor").asText();
      Values.check(tensor, tensors.tensor(name), name);
    }
  }

  private static Tensor initialised(Tensor t, String init, JsonNode o) {
    return switch (init) {
      case "uniform_" -> Init.uniform_(t, o.path("a").asDouble(0), o.path("b").asDouble(1));
      case "normal_" -> Init.normal_(t, o.path("mean").asDouble(0), o.path("std").asDouble(1));
      case "trunc_normal_" ->
          Init.truncNormal_(
              t,
              o.path("mean").asDouble(0),
              o.path("std").asDouble(1),
              o.path("a").asDouble(-2),
              o.path("b").asDouble(2),
              null);
      case "constant_" -> Init.constant_(t, o.get("val").asDouble());
      case "ones_" -> Init.ones_(t);
      case "zeros_" -> Init.zeros_(t);
      case "eye_" -> Init.eye_(t);
      case "dirac_" -> Init.dirac_(t, o.path("groups").asLong(1));
      case "xavier_uniform_" -> Init.xavierUniform_(t, o.path("gain").asDouble(1));
      case "xavier_normal_" -> Init.xavierNormal_(t, o.path("gain").asDouble(1));
      case "kaiming_uniform_" -> Init.kaimingUniform_(t, k -> kaiming(k, o));
      case "kaiming_normal_" -> Init.kaimingNormal_(t, k -> kaiming(k, o));
      case "orthogonal_" -> Init.orthogonal_(t, o.path("gain").asDouble(1), null);
      case "sparse_" ->
          Init.sparse_(t, o.get("sparsity").asDouble(), o.path("std").asDouble(0.01), null);
      default -> throw new IllegalArgumentException(init);
    };
  }

  private static void kaiming(Init.KaimingOptions options, JsonNode recorded) {
    recorded
        .properties()
        .forEach(option -> {
          JsonNode value = option.getValue();
          switch (option.getKey()) {
            case "a" -> options.a(value.asDouble());
            case "mode" -> options.mode(Init.FanMode.valueOf(upper(value)));
            case "nonlinearity" -> options.nonlinearity(Init.Nonlinearity.valueOf(upper(value)));
            default -> throw new IllegalArgumentException(option.getKey());
          }
        });
  }

  private static String upper(JsonNode text) {
    return text.asText().toUpperCase(Locale.ROOT);
  }

  @Test
  void should_calculate_the_gains_of_python() {
    for (JsonNode recorded : fixture.get("init").get("gains")) {
      Init.Nonlinearity nonlinearity =
          Init.Nonlinearity.valueOf(upper(recorded.get("nonlinearity")));
      double gain =
          recorded.get("param").isNull()
              ? Init.calculateGain(nonlinearity)
              : Init.calculateGain(nonlinearity, recorded.get("param").asDouble());
      assertThat(gain).as(recorded.toString()).isEqualTo(recorded.get("gain").asDouble());
    }
  }

  private static final class Constructed extends Module {
    Constructed() {
      register("first", new Linear(3, 4));
      register("lstm", new LSTM(4, 5, o -> o.numLayers(2).bidirectional(true)));
      register("embedding", new Embedding(7, 2, o -> o.paddingIdx(1)));
      register("norm", new BatchNorm1d(4));
      register("last", new Linear(4, 2, o -> o.bias(false)));
    }
  }

  @Test
  void should_draw_in_the_order_of_construction() {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(fixture.get("buildSeed").asLong());
      Map<String, Tensor> state = new Constructed().stateDict();
      Tensor after = Torch.rand(3);
      assertThat(List.copyOf(state.keySet()))
          .isEqualTo(Fixtures.strings(fixture.get("constructors").get("stateDictKeys")));
      state.forEach(
          (key, value) -> Values.check(value, tensors.tensor("constructors." + key), key));
      TensorAssert.assertThat(after).isBitEqualTo(tensors.tensor("constructors.after"));
    }
  }

  @TestFactory
  Stream<DynamicTest> should_clip_as_python_does() {
    return Fixtures.elements(fixture.get("clipping")).stream()
        .map(c -> dynamicTest(c.get("prefix").asText(), () -> clip(c)));
  }

  private void clip(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText();
      var parameters = new ArrayList<Tensor>();
      for (int i = 0; tensors.has(prefix + ".before." + i); i++) {
        Tensor gradient = tensors.tensor(prefix + ".before." + i);
        Tensor parameter = Torch.zerosLike(gradient).requiresGrad_(true);
        parameter.setGrad(gradient);
        parameters.add(parameter);
      }
      // One without a gradient, which clipping passes over.
      parameters.add(Torch.zeros(2).requiresGrad_(true));
      if (recorded.get("clip").asText().equals("value")) {
        ClipGrad.clipGradValue_(parameters, recorded.get("value").asDouble());
      } else {
        Tensor norm =
            ClipGrad.clipGradNorm_(
                parameters,
                recorded.get("maxNorm").asDouble(),
                Fixtures.number(recorded.get("normType")),
                false);
        Values.check(norm, tensors.tensor(prefix + ".norm"), prefix + ".norm");
      }
      for (int i = 0; i < parameters.size() - 1; i++) {
        Tensor gradient = requireNonNull(parameters.get(i).grad());
        String name = prefix + ".after." + i;
        Values.check(gradient, tensors.tensor(name), name);
      }
    }
  }

  private static final class Classifier extends Module {
    Classifier() {
      register("embedding", new Embedding(10, 4, o -> o.paddingIdx(0)));
      register("encoder", new LSTM(4, 8, o -> o.numLayers(2).batchFirst(true).dropout(0.1)));
      register(
          "head",
          new Sequential(
              new Linear(8, 8, o -> o.bias(false)),
              new ReLU(),
              new Dropout(0.2),
              new Linear(8, 1)));
      registerBuffer("scale", Torch.ones(3));
    }
  }

  private static final class Empty extends Module {}

  private static final class WithExtra extends Module {
    WithExtra() {
      register("fc", new Linear(1, 1));
    }

    @Override
    protected String extraRepr() {
      return "depth=3,\nwide=True";
    }
  }

  private static Module named(String name) {
    return switch (name) {
      case "Classifier" -> new Classifier();
      case "LSTMModel" -> new LSTMModel(5, 64, 2, 1);
      case "Empty" -> new Empty();
      case "WithExtra" -> new WithExtra();
      case "Sequential" -> new Sequential();
      case "SequentialOfTwo" -> new Sequential(new Linear(2, 3), new Sigmoid());
      case "Repeated" -> new Sequential(new Linear(2, 2), new Linear(2, 2), new Linear(2, 2));
      default -> throw new IllegalArgumentException(name);
    };
  }

  @TestFactory
  Stream<DynamicTest> should_print_the_tree_of_python() {
    return fixture.get("reprs").properties().stream()
        .map(field ->
            dynamicTest(
                field.getKey(),
                () -> {
                  try (TensorScope scope = TensorScope.open()) {
                    Module module = named(field.getKey());
                    JsonNode python = field.getValue();
                    assertThat(module.toString()).isEqualTo(python.get("repr").asText());
                    assertThat(List.copyOf(module.stateDict().keySet()))
                        .isEqualTo(Fixtures.strings(python.get("stateDictKeys")));
                    assertThat(List.copyOf(module.namedModules().keySet()))
                        .isEqualTo(Fixtures.strings(python.get("modules")));
                  }
                }));
  }
}
