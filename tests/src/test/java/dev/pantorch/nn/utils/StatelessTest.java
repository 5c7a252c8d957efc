package dev.pantorch.nn.utils;

import static dev.pantorch.nn.utils.Stateless.functionalCall;
import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Autograd;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.optim.SGD;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatelessTest {
  @Test
  void should_let_gradients_flow_through_the_step_of_an_optimizer() {
    try (var scope = TensorScope.open()) {
      Linear model = new Linear(3, 1, o -> o.bias(false));
      Tensor x = Torch.randn(4, 3);
      Tensor weight = model.getParameter("weight");
      Tensor loss = model.forward(x).square().mean();
      Tensor slope =
          requireNonNull(
              Autograd.grad(List.of(loss), List.of(weight), null, true, true, false).getFirst());
      Tensor stepped = weight.sub(slope.mul(0.1));
      Map<String, Tensor> adapted = Map.of("weight", stepped);

      Tensor after = functionalCall(model, adapted, () -> model.forward(x));
      Tensor expected = Functional.linear(x, stepped, null);
      assertThat(after).isBitEqualTo(expected);
      assertThat(gradient(after, weight)).isBitEqualTo(gradient(expected, weight));
    }
  }

  private static Tensor gradient(Tensor output, Tensor weight) {
    return requireNonNull(
        Autograd.grad(List.of(output.square().sum()), List.of(weight), null, true, false, false)
            .getFirst());
  }

  @Test
  void should_leave_the_module_as_it_was() {
    Linear model = new Linear(2, 2);
    SGD optimizer = new SGD(model.parameters(), 1.0);
    long handles = LeakDetection.liveHandles();
    try (var scope = TensorScope.open()) {
      Tensor weight = model.weight();
      Tensor before = weight.detach().clone(null);
      Tensor x = Torch.ones(1, 2);
      Map<String, Tensor> zero = Map.of("weight", Torch.zeros(2, 2));
      assertThatThrownBy(() ->
              functionalCall(
                  model,
                  zero,
                  () -> {
                    throw new IllegalArgumentException("the body's");
                  }))
          .hasMessage("the body's");
      assertThat(functionalCall(model, zero, () -> model.forward(x)).detach())
          .isBitEqualTo(requireNonNull(model.bias()).detach().unsqueeze(0));
      assertThat(model.weight()).isSameAs(weight);
      assertThat(weight.detach()).isBitEqualTo(before);
      model.forward(x).sum().backward();
      optimizer.step();
      // The gradient of the sum is 1 everywhere.
      assertThat(weight.detach()).isBitEqualTo(before.sub(1));
      optimizer.zeroGrad();
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(handles);
  }

  @Test
  void should_replace_every_weight_of_an_lstm_and_take_the_modules_own() {
    try (var scope = TensorScope.open()) {
      LSTM model = new LSTM(3, 4);
      LSTM other = new LSTM(3, 4);
      Tensor x = Torch.randn(5, 2, 3);
      Map<String, Tensor> weights = new HashMap<>(other.namedParameters());
      assertThat(functionalCall(model, weights, () -> model.forward(x).output()))
          .isBitEqualTo(other.forward(x).output());
      Map<String, Tensor> own = new HashMap<>(model.namedParameters());
      assertThat(functionalCall(model, own, () -> model.forward(x).output()))
          .isBitEqualTo(model.forward(x).output());
      // Two that change places, as the inputs of the gates do.
      Map<String, Tensor> swapped =
          Map.of(
              "bias_ih_l0", model.getParameter("bias_hh_l0"),
              "bias_hh_l0", model.getParameter("bias_ih_l0"));
      assertThat(functionalCall(model, swapped, () -> model.getParameter("bias_ih_l0").detach()))
          .isBitEqualTo(model.getParameter("bias_hh_l0").detach());
    }
  }

  @Test
  void should_change_given_buffers_in_place_of_the_modules() {
    try (var scope = TensorScope.open()) {
      BatchNorm1d norm = new BatchNorm1d(1);
      Tensor mean = Torch.zeros(1);
      Tensor x = Torch.tensor(new float[][] {{1}, {3}});
      functionalCall(norm, Map.of("running_mean", mean), () -> norm.forward(x));
      // The momentum 0.1 of the mean 2.
      assertThat(mean.item()).isEqualTo(0.2f);
      assertThat(norm.getBuffer("running_mean").item()).isZero();
    }
  }

  @Test
  void should_refuse_names_that_the_module_lacks() {
    try (var scope = TensorScope.open()) {
      Linear model = new Linear(2, 2);
      Map<String, Tensor> tensors = Map.of("wait", Torch.ones(1));
      assertThatThrownBy(
              () -> functionalCall(model, tensors, () -> model.forward(Torch.ones(1, 2))))
          .isInstanceOf(TorchException.class)
          .hasMessage("Error(s) in reparametrizing for Linear:\n\tUnexpected key(s): 'wait'.");
    }
  }
}
