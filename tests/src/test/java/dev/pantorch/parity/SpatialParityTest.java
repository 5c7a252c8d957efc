package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.GridPaddingMode;
import dev.pantorch.nn.InterpolationMode;
import dev.pantorch.nn.Module;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers for channels and places draw the weights that Python's constructors draw, and give its
/// values, gradients, buffers and text.
class SpatialParityTest extends RecordedModules {
  SpatialParityTest() {
    super("spatial");
  }

  @TestFactory
  Stream<DynamicTest> should_compute_as_python_does() {
    return modules(this::check);
  }

  private void check(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText();
      boolean withIndices = recorded.get("options").path("return_indices").asBoolean();
      boolean inplace = recorded.get("options").path("inplace").asBoolean();
      Module module = build(recorded, LayerByName::build);
      module.stateDict().forEach((k, v) -> same(v, prefix + ".initial." + k));

      List<@Nullable Object> inputs = inputs(prefix, recorded.get("inputs"));
      List<Tensor> outputs = List.of();
      for (int call = 0; call < recorded.get("calls").asInt(); call++) {
        // In-place layers refuse a leaf that records gradients.
        var arguments = new ArrayList<@Nullable Object>(inputs);
        if (inplace) arguments.replaceAll(i -> i instanceof Tensor t ? t.mul(1) : i);
        outputs = forward(module, withIndices ? "forwardWithIndices" : "forward", arguments);
      }
      sameOutputs(recorded, outputs);
      if (recorded.get("gradients").asBoolean()) backward(prefix, module, outputs, inputs);
      module.namedBuffers().forEach((k, v) -> same(v, prefix + ".final." + k));
    }
  }

  private List<@Nullable Object> inputs(String prefix, JsonNode described) {
    var inputs = new ArrayList<@Nullable Object>();
    for (JsonNode input : Fixtures.elements(described)) {
      inputs.add(
          input.isTextual()
              ? given(prefix + ".input." + inputs.size())
              : input.isNull() ? null : Fixtures.longs(input));
    }
    return inputs;
  }

  private static List<Tensor> forward(Module module, String name, List<@Nullable Object> inputs) {
    Method forward =
        Stream.of(module.getClass().getMethods())
            .filter(m -> m.getName().equals(name) && takes(m, inputs))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(module + " of " + inputs));
    try {
      Object output = requireNonNull(forward.invoke(module, inputs.toArray()));
      if (output instanceof Tensor tensor) return List.of(tensor);
      var results = new ArrayList<Tensor>();
      for (RecordComponent component : output.getClass().getRecordComponents()) {
        results.add((Tensor) component.getAccessor().invoke(output));
      }
      return results;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalArgumentException(name, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  private static boolean takes(Method method, List<@Nullable Object> inputs) {
    Class<?>[] types = method.getParameterTypes();
    if (types.length != inputs.size()) return false;
    for (int i = 0; i < types.length; i++) {
      Object input = inputs.get(i);
      if (input != null && !types[i].isInstance(input)) return false;
    }
    return true;
  }

  @TestFactory
  Stream<DynamicTest> should_call_functions_as_python_does() {
    return Fixtures.elements(fixture.get("functions")).stream()
        .map(c -> dynamicTest(c.toString(), () -> function(c)));
  }

  private void function(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText();
      var inputs = new ArrayList<Tensor>();
      for (int i = 0; i < recorded.get("inputs").asInt(); i++) {
        inputs.add(given(prefix + ".input." + i));
      }
      Tensor output = call(recorded, inputs);
      same(output, prefix + ".output");
      output.backward(tensors.tensor(prefix + ".cotangent"));
      for (int i = 0; i < inputs.size(); i++) {
        sameGradient(inputs.get(i), prefix + ".gradient." + i);
      }
    }
  }

  private Tensor call(JsonNode recorded, List<Tensor> inputs) {
    Tensor input = inputs.getFirst();
    boolean corners = recorded.path("corners").asBoolean();
    return switch (recorded.get("function").asText()) {
      case "gridSample" ->
          Functional.gridSample(
              input,
              inputs.get(1),
              mode(recorded),
              GridPaddingMode.valueOf(recorded.get("padding").asText().toUpperCase(Locale.ROOT)),
              corners);
      case "affineGrid" ->
          Functional.affineGrid(input, Fixtures.longs(recorded.get("size")), corners);
      case "interpolate" ->
          Functional.interpolate(
              input, Fixtures.longs(recorded.get("size")), null, mode(recorded), null, null, true);
      case "normalize" ->
          Functional.normalize(
              input, recorded.get("p").asDouble(), recorded.get("dim").asLong(), 1e-12);
      case "sigmoid" -> Functional.sigmoid(input);
      case "logsigmoid" -> Functional.logsigmoid(input);
      case "tanh" -> Functional.tanh(input);
      case "tanhshrink" -> Functional.tanhshrink(input);
      case "softsign" -> Functional.softsign(input);
      case "softmin" -> Functional.softmin(input, recorded.get("dim").asLong());
      case "channelShuffle" -> Functional.channelShuffle(input, recorded.get("groups").asLong());
      case "convTbc" ->
          Functional.convTbc(input, inputs.get(1), inputs.get(2), recorded.get("pad").asLong());
      case "gumbelSoftmax" -> {
        Torch.manualSeed(fixture.get("runSeed").asLong());
        yield Functional.gumbelSoftmax(
            input,
            recorded.get("tau").asDouble(),
            recorded.get("hard").asBoolean(),
            recorded.get("dim").asLong());
      }
      default -> throw new IllegalArgumentException(recorded.toString());
    };
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_with_python_s_words() {
    return Fixtures.elements(fixture.get("misuses")).stream()
        .map(c ->
            dynamicTest(
                "%s%s %s %s"
                    .formatted(
                        c.get("module").asText(), c.get("args"), c.get("options"), c.get("inputs")),
                () -> refuse(c)));
  }

  private static void refuse(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String message = recorded.get("message").asText();
      boolean checkedFirst = recorded.get("error").asText().equals("ValueError");
      assertThatThrownBy(() -> misuse(recorded))
          .isInstanceOf(checkedFirst ? ValueException.class : TorchException.class)
          .satisfies(e -> {
            // libtorch's own words come between the operator and its tensors.
            String found = requireNonNull(e.getMessage());
            if (found.startsWith("aten::")) {
              assertThat(found).contains(": " + message + " [");
            } else {
              assertThat(found).isEqualTo(message);
            }
          });
    }
  }

  private static void misuse(JsonNode recorded) {
    Module module = LayerByName.build(recorded);
    var inputs = new ArrayList<@Nullable Object>();
    for (JsonNode input : Fixtures.elements(recorded.get("inputs"))) {
      inputs.add(
          input.has("size")
              ? Torch.zeros(
                  TensorSpecs.dtype(recorded.get("dtype").asText()),
                  Fixtures.longs(input.get("size")))
              : input.isNull() ? null : Fixtures.longs(input));
    }
    if (!inputs.isEmpty()) forward(module, "forward", inputs);
  }

  private static InterpolationMode mode(JsonNode recorded) {
    return InterpolationMode.valueOf(recorded.get("mode").asText().toUpperCase(Locale.ROOT));
  }
}
