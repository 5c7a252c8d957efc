package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.examples.LSTMModel;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.nn.utils.ClipGrad;
import dev.pantorch.optim.Adam;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// With one seed the tutorial's model has the very weights that Python gives it, and takes the same
/// 50 steps.
class TutorialParityTest {
  /// As instruction sets differ: the loss is about 0.6, and what 50 steps make of the last bits.
  private static final double OTHER_MACHINE = 1e-4;

  private final JsonNode fixture = Fixtures.json("training.json").get("tutorial");
  private final TensorFile tensors = Fixtures.tensors("training.safetensors");

  @Test
  void should_draw_the_initial_weights_of_python_and_then_its_data() {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(fixture.get("seed").asLong());
      LSTMModel model = new LSTMModel(5, 64, 2, 1);
      Tensor x = Torch.randn(32, 10, 5);
      Tensor y = Torch.randint(0, 2, new long[] {32}).to(x.dtype());

      Map<String, Tensor> state = model.stateDict();
      assertThat(List.copyOf(state.keySet()))
          .isEqualTo(Fixtures.strings(fixture.get("stateDictKeys")));
      state.forEach((key, value) ->
          assertThat(value).as(key).isBitEqualTo(tensors.tensor("tutorial.initial." + key)));
      assertThat(x).isBitEqualTo(tensors.tensor("tutorial.x"));
      assertThat(y).isBitEqualTo(tensors.tensor("tutorial.y"));
    }
  }

  @Test
  void should_take_the_50_steps_of_python() {
    train("default", o -> o.lr(1e-3));
  }

  @Test
  void should_take_the_50_steps_of_python_with_the_fused_optimizer() {
    train("fused", o -> o.lr(1e-3).fused(true));
  }

  private void train(String name, Consumer<Adam.Group> settings) {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(fixture.get("seed").asLong());
      LSTMModel model = new LSTMModel(5, 64, 2, 1);
      Tensor x = tensors.tensor("tutorial.x");
      Tensor y = tensors.tensor("tutorial.y");
      BCEWithLogitsLoss criterion = new BCEWithLogitsLoss();
      Adam optimizer = new Adam(model.parameters(), settings);
      var losses = new ArrayList<Tensor>();
      var norms = new ArrayList<Tensor>();
      for (int step = 0; step < fixture.get("steps").asInt(); step++) {
        optimizer.zeroGrad();
        Tensor loss = criterion.forward(model.forward(x).squeeze(), y);
        loss.backward();
        norms.add(ClipGrad.clipGradNorm_(model.parameters(), 1.0));
        optimizer.step();
        losses.add(loss.detach());
      }
      String prefix = "tutorial." + name;
      same(Torch.stack(losses), prefix + ".losses");
      same(Torch.stack(norms), prefix + ".gradNorms");
      model.stateDict().forEach((key, value) -> same(value, prefix + ".final." + key));
    }
  }

  private void same(Tensor found, String name) {
    Values.check(found, tensors.tensor(name), name, OTHER_MACHINE, OTHER_MACHINE);
  }
}
