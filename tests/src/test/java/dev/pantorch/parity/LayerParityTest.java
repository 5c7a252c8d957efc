package dev.pantorch.parity;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import dev.pantorch.testing.TensorAssert;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers draw the weights that Python's constructors draw, and give its values, gradients, buffers
/// and text.
class LayerParityTest extends RecordedModules {
  LayerParityTest() {
    super("layers");
  }

  @TestFactory
  Stream<DynamicTest> should_compute_as_python_does() {
    return modules(this::check);
  }

  private void check(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText();
      Module module = build(recorded, LayerByName::build);
      module.stateDict().forEach((k, v) -> same(v, prefix + ".initial." + k));

      List<Tensor> inputs = given(prefix + ".input.", recorded.get("inputs").asInt());
      List<Tensor> states = given(prefix + ".state.", recorded.get("states").asInt());
      List<Tensor> outputs = List.of();
      for (int call = 0; call < recorded.get("calls").asInt(); call++) {
        outputs = forward(module, inputs.getFirst(), states);
      }
      sameOutputs(recorded, outputs);
      var given = new ArrayList<Tensor>(inputs);
      given.addAll(states);
      backward(prefix, module, outputs, given);
      module.stateDict().forEach((k, v) -> same(v, prefix + ".final." + k));
    }
  }

  private List<Tensor> given(String prefix, int count) {
    var given = new ArrayList<Tensor>();
    for (int i = 0; i < count; i++) given.add(given(prefix + i));
    return given;
  }

  private static List<Tensor> forward(Module module, Tensor input, List<Tensor> states) {
    if (module instanceof LSTM lstm) {
      LSTM.Output output =
          states.isEmpty()
              ? lstm.forward(input)
              : lstm.forward(input, new LSTM.State(states.get(0), states.get(1)));
      return List.of(output.output(), output.state().h(), output.state().c());
    }
    return List.of(((Layer) module).forward(input));
  }

  @TestFactory
  Stream<DynamicTest> should_lose_as_python_does() {
    return Fixtures.elements(fixture.get("losses")).stream()
        .map(c ->
            dynamicTest(
                "%s: %s%s %s"
                    .formatted(
                        c.get("prefix").asText(),
                        c.get("loss").asText(),
                        c.get("options"),
                        c.get("tensors")),
                () -> loss(c)));
  }

  private void loss(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText() + ".";
      Tensor prediction = tensors.tensor(prefix + "prediction").requiresGrad_(true);
      Tensor target = tensors.tensor(prefix + "target");
      Tensor loss =
          LossBuilder.build(recorded, name -> tensors.tensor(prefix + name))
              .forward(prediction, target);
      same(loss, prefix + "loss");
      loss.backward(tensors.tensor(prefix + "cotangent"));
      sameGradient(prediction, prefix + "gradient");
      TensorAssert.assertThat(prediction.detach())
          .isBitEqualTo(tensors.tensor(prefix + "prediction"));
    }
  }
}
