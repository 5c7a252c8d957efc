package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Autograd;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;

/// Modules that Python has made and run, and what is compared with them.
abstract class RecordedModules {
  final JsonNode fixture;
  final TensorFile tensors;

  /// @param section of make_fixtures.py
  RecordedModules(String section) {
    fixture = Fixtures.json(section + ".json");
    tensors = Fixtures.tensors(section + ".safetensors");
  }

  /// A test for each module.
  final Stream<DynamicTest> modules(Consumer<JsonNode> check) {
    return Fixtures.elements(fixture.get("modules")).stream()
        .map(c ->
            DynamicTest.dynamicTest(
                "%s: %s%s %s %s"
                    .formatted(
                        c.get("prefix").asText(),
                        c.get("module").asText(),
                        c.get("args"),
                        c.get("options"),
                        c.get("train").asBoolean() ? "train" : "eval"),
                () -> check.accept(c)));
  }

  /// Builds a module as Python has, and looks at its names and its text; then seeds the run.
  final Module build(JsonNode recorded, Function<JsonNode, Module> builder) {
    Torch.manualSeed(fixture.get("buildSeed").asLong());
    Module module = builder.apply(recorded).train(recorded.get("train").asBoolean());
    assertThat(List.copyOf(module.stateDict().keySet()))
        .isEqualTo(Fixtures.strings(recorded.get("stateDictKeys")));
    assertThat(module.toString()).isEqualTo(recorded.get("repr").asText());
    Torch.manualSeed(fixture.get("runSeed").asLong());
    return module;
  }

  /// A recorded tensor, which records gradients where it can.
  final Tensor given(String name) {
    Tensor tensor = tensors.tensor(name);
    return tensor.dtype().isFloatingPoint() ? tensor.requiresGrad_(true) : tensor;
  }

  final void same(Tensor found, String name) {
    Values.check(found, tensors.tensor(name), name);
  }

  final void sameOrNull(@Nullable Tensor found, String name) {
    assertThat(found != null).as("%s is there", name).isEqualTo(tensors.has(name));
    if (found != null) same(found, name);
  }

  final void sameOutputs(JsonNode recorded, List<Tensor> outputs) {
    String prefix = recorded.get("prefix").asText();
    assertThat(outputs).hasSize(recorded.get("outputs").asInt());
    for (int i = 0; i < outputs.size(); i++) same(outputs.get(i), prefix + ".output." + i);
  }

  /// There is a gradient where Python has one, and it is the same.
  final void sameGradient(Tensor tensor, String name) {
    sameOrNull(tensor.grad(), name);
  }

  /// Runs backward from outputs, and compares the gradients of inputs and parameters.
  ///
  /// @param inputs those that are tensors are compared
  final void backward(
      String prefix, Module module, List<Tensor> outputs, List<? extends @Nullable Object> inputs) {
    List<Tensor> differentiable = outputs.stream().filter(Tensor::requiresGrad).toList();
    if (differentiable.isEmpty()) return;
    var cotangents = new ArrayList<Tensor>();
    for (int i = 0; i < differentiable.size(); i++) {
      cotangents.add(tensors.tensor(prefix + ".cotangent." + i));
    }
    Autograd.backward(differentiable, cotangents, false, false, List.of());
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) instanceof Tensor t) sameGradient(t, prefix + ".gradient.input." + i);
    }
    module.namedParameters().forEach((k, p) -> sameGradient(p, prefix + ".gradient." + k));
  }
}
