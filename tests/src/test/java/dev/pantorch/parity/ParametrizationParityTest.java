package dev.pantorch.parity;

import static dev.pantorch.nn.utils.Parametrizations.orthogonal;
import static dev.pantorch.nn.utils.Parametrizations.spectralNorm;
import static dev.pantorch.nn.utils.Parametrizations.weightNorm;
import static dev.pantorch.nn.utils.Parametrize.assign;
import static dev.pantorch.nn.utils.Parametrize.cached;
import static dev.pantorch.nn.utils.Parametrize.registerParametrization;
import static dev.pantorch.nn.utils.Parametrize.removeParametrizations;
import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.Softplus;
import dev.pantorch.nn.utils.OrthogonalMap;
import dev.pantorch.nn.utils.RightInverse;
import dev.pantorch.optim.SGD;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Parametrized modules train as in Python, to the bit, under the same names.
class ParametrizationParityTest {
  /// Of another processor, whose kernels add in another order.
  private static final double OTHER_MACHINE = 1e-4;

  private final JsonNode fixture = Fixtures.json("parametrizations.json");
  private final TensorFile tensors = Fixtures.tensors("parametrizations.safetensors");

  static final class Symmetric extends Layer implements RightInverse {
    @Override
    public Tensor forward(Tensor x) {
      return x.triu().add(x.triu(1).mT());
    }

    @Override
    public Tensor rightInverse(Tensor value) {
      return value.triu();
    }
  }

  /// A layer of two functions.
  static final class Pair extends Layer implements RightInverse {
    private final UnaryOperator<Tensor> forward;
    private final UnaryOperator<Tensor> inverse;

    Pair(UnaryOperator<Tensor> forward, UnaryOperator<Tensor> inverse) {
      this.forward = forward;
      this.inverse = inverse;
    }

    @Override
    public Tensor forward(Tensor x) {
      return forward.apply(x);
    }

    @Override
    public Tensor rightInverse(Tensor value) {
      return inverse.apply(value);
    }
  }

  private static Pair doubled() {
    return new Pair(x -> x.mul(2), value -> value.div(2));
  }

  private static final Map<String, Supplier<Module>> MODULES = modules();

  private static Map<String, Supplier<Module>> modules() {
    Map<String, Supplier<Module>> made = new HashMap<>();
    made.put("weight_norm linear", () -> weightNorm(new Linear(4, 6)));
    made.put("weight_norm whole", () -> weightNorm(new Linear(4, 6), "weight", -1));
    made.put("weight_norm columns", () -> weightNorm(new Linear(4, 6), "weight", 1));
    made.put("weight_norm bias", () -> weightNorm(weightNorm(new Linear(4, 6)), "bias", -1));
    made.put("weight_norm conv", () -> weightNorm(new Conv2d(4, 2, 3)));
    made.put("weight_norm middle", () -> weightNorm(new Conv2d(4, 2, 3), "weight", 2));
    made.put("weight_norm embedding", () -> weightNorm(new Embedding(7, 3)));
    made.put("weight_norm lstm", () -> weightNorm(new LSTM(5, 4), "weight_hh_l0", 0));
    made.put("spectral_norm linear", () -> spectralNorm(new Linear(4, 6)));
    made.put(
        "spectral_norm iterations", () -> spectralNorm(new Linear(4, 6), "weight", 3, 1e-6, 1));
    made.put("spectral_norm bias", () -> spectralNorm(new Linear(4, 6), "bias", 1, 1e-12, null));
    made.put("spectral_norm conv", () -> spectralNorm(new Conv2d(4, 2, 3)));
    made.put("spectral_norm transposed", () -> spectralNorm(new ConvTranspose2d(4, 2, 3)));
    made.put(
        "spectral_norm lstm cached",
        () -> spectralNorm(new LSTM(5, 4), "weight_hh_l0", 1, 1e-12, null));
    made.put("orthogonal square", () -> orthogonal(new Linear(4, 4)));
    made.put("orthogonal wide", () -> orthogonal(new Linear(4, 3)));
    made.put("orthogonal tall", () -> orthogonal(new Linear(4, 6)));
    made.put(
        "orthogonal exp wide",
        () -> orthogonal(new Linear(4, 3), "weight", OrthogonalMap.MATRIX_EXP, true));
    made.put(
        "orthogonal cayley",
        () -> orthogonal(new Linear(4, 6), "weight", OrthogonalMap.CAYLEY, true));
    made.put(
        "orthogonal reflections",
        () -> orthogonal(new Linear(4, 6), "weight", OrthogonalMap.HOUSEHOLDER, false));
    made.put("orthogonal plain exp", () -> orthogonal(new Linear(4, 4), "weight", null, false));
    made.put("orthogonal lstm", () -> orthogonal(new LSTM(5, 4), "weight_hh_l0"));
    made.put(
        "chain",
        () ->
            registerParametrization(
                registerParametrization(new Linear(4, 4), "weight", new Symmetric()),
                "weight",
                doubled()));
    return made;
  }

  private static Tensor input(Module module) {
    return switch (module) {
      case Embedding e -> Torch.randint(0, 7, 2, 5);
      case LSTM l -> Torch.randn(2, 3, 5);
      case Linear l -> Torch.randn(3, 4);
      default -> Torch.randn(2, 4, 5, 5);
    };
  }

  private static Tensor output(Module module, Tensor x, boolean isCached) {
    if (isCached) {
      try (var cache = cached()) {
        return output(module, x, false);
      }
    }
    return module instanceof LSTM lstm ? lstm.forward(x).output() : ((Layer) module).forward(x);
  }

  @TestFactory
  Stream<DynamicTest> should_train_as_python_does() {
    assertThat(fixture.get("cases").valueStream().map(c -> c.get("name").asText()))
        .containsExactlyInAnyOrderElementsOf(MODULES.keySet());
    return fixture
        .get("cases")
        .valueStream()
        .map(c -> dynamicTest(c.get("name").asText(), () -> train(c)));
  }

  private void train(JsonNode recorded) {
    String name = recorded.get("name").asText();
    try (var scope = TensorScope.open()) {
      Torch.manualSeed(fixture.get("seed").asLong());
      Module module = requireNonNull(MODULES.get(name)).get();
      Tensor x = input(module);
      if (name.equals("chain")) {
        // The classes are the tests' own.
        assertThat(module.toString()).contains("(0): Symmetric()\n      (1): Pair()");
      } else {
        assertThat(module).hasToString(recorded.get("repr").asText());
      }
      SGD optimizer = new SGD(module.parameters(), 0.1);
      boolean isCached = name.endsWith("cached");
      for (int step = 0; step < fixture.get("steps").asInt(); step++) {
        String prefix = name + "." + step + ".";
        optimizer.zeroGrad();
        Tensor y = output(module, x, isCached);
        y.square().mean().backward();
        equal(y, prefix + "output");
        module
            .namedParameters()
            .forEach((key, parameter) ->
                equal(requireNonNull(parameter.grad()), prefix + "grad." + key));
        optimizer.step();
        state(module, recorded.get("keys"), prefix + "state.");
      }
      module.eval();
      equal(output(module, x, isCached), name + ".eval");
      Module holder = module.getSubmodule("parametrizations");
      for (String tensor : List.copyOf(holder.namedChildren().keySet())) {
        removeParametrizations(module, tensor);
      }
      state(module, recorded.get("removed"), name + ".removed.");
      assertThat(module.parameters()).allMatch(Tensor::requiresGrad);
    }
  }

  private void state(Module module, JsonNode keys, String prefix) {
    Map<String, Tensor> state = module.stateDict();
    assertThat(state.keySet())
        .containsExactlyElementsOf(keys.valueStream().map(JsonNode::asText).toList());
    state.forEach((key, value) -> equal(value, prefix + key));
  }

  private void equal(Tensor actual, String name) {
    Values.check(actual, tensors.tensor(name), name, OTHER_MACHINE, OTHER_MACHINE);
  }

  private static Linear plain() {
    return new Linear(2, 3);
  }

  private static Linear doubledThen(Layer next) {
    return registerParametrization(
        registerParametrization(plain(), "weight", doubled()), "weight", next);
  }

  private static Map<String, ThrowingCallable> mistakes() {
    UnaryOperator<Tensor> same = x -> x;
    UnaryOperator<Tensor> shorter = x -> x.narrow(0, 0, x.size(0) - 1);
    UnaryOperator<Tensor> wider = x -> x.to(DType.FLOAT64);
    Map<String, ThrowingCallable> made = new HashMap<>();
    made.put("missing", () -> registerParametrization(plain(), "wait", doubled()));
    made.put("shape", () -> registerParametrization(plain(), "weight", new Pair(shorter, same)));
    made.put("dtype", () -> registerParametrization(plain(), "weight", new Pair(wider, same)));
    made.put(
        "inverse dtype", () -> registerParametrization(plain(), "weight", new Pair(same, wider)));
    made.put("second shape", () -> doubledThen(new Pair(shorter, same)));
    made.put("second dtype", () -> doubledThen(new Pair(wider, same)));
    made.put("second inverse dtype", () -> doubledThen(new Pair(same, wider)));
    made.put("second inverse shape", () -> doubledThen(new Pair(same, shorter)));
    made.put("not parametrized", () -> removeParametrizations(plain(), "weight"));
    made.put("several", () -> removeParametrizations(weightNorm(plain()), "weight", false));
    made.put("weight_norm missing", () -> weightNorm(plain(), "wait", 0));
    made.put("spectral_norm missing", () -> spectralNorm(plain(), "wait", 1, 1e-12, null));
    made.put("spectral_norm iterations", () -> spectralNorm(plain(), "weight", 0, 1e-12, null));
    made.put("spectral_norm dim", () -> spectralNorm(plain(), "weight", 1, 1e-12, 2));
    made.put("orthogonal vector", () -> orthogonal(plain(), "bias"));
    made.put(
        "orthogonal complex",
        () ->
            orthogonal(
                new Linear(2, 3, o -> o.dtype(DType.COMPLEX64)),
                "weight",
                OrthogonalMap.HOUSEHOLDER,
                true));
    made.put("orthogonal shape", () -> assign(orthogonal(plain()), "weight", Torch.ones(2, 2)));
    made.put(
        "orthogonal assignment",
        () ->
            assign(
                orthogonal(plain(), "weight", OrthogonalMap.CAYLEY, false),
                "weight",
                Torch.ones(3, 2)));
    made.put(
        "no inverse",
        () ->
            assign(
                registerParametrization(plain(), "weight", new Softplus()),
                "weight",
                Torch.ones(3, 2)));
    made.put("load", () -> weightNorm(plain()).loadStateDict(Map.of()));
    return made;
  }

  @TestFactory
  Stream<DynamicTest> should_answer_mistakes_as_python_does() {
    Map<String, ThrowingCallable> mistakes = mistakes();
    JsonNode messages = fixture.get("messages");
    assertThat(messages.properties()).hasSameSizeAs(mistakes.keySet());
    return messages.properties().stream()
        .map(each ->
            dynamicTest(
                each.getKey(),
                () -> {
                  try (var scope = TensorScope.open()) {
                    assertThatThrownBy(requireNonNull(mistakes.get(each.getKey())))
                        .hasMessage(each.getValue().asText());
                  }
                }));
  }
}
