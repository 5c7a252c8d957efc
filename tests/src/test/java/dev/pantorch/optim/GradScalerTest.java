package dev.pantorch.optim;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.amp.GradScaler;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The order in which a scaler wants to be called, and its states. Its numbers are compared with
/// Python's in the parity tests.
class GradScalerTest {
  @Test
  void should_want_its_calls_in_order() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(2).requiresGrad_();
      SGD optimizer = new SGD(List.of(w), 0.1);
      GradScaler scaler = new GradScaler(DeviceType.CPU, o -> o.initScale(8));

      assertThatThrownBy(() -> scaler.step(optimizer))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Attempted step but _scale is None.  This may indicate your script did not use"
                  + " scaler.scale(loss or outputs) earlier in the iteration.");
      scaler.scale(w.sum()).backward();
      assertThat(requireNonNull(w.grad()).sum().item()).isEqualTo(16);
      assertThatThrownBy(scaler::update).hasMessage("No inf checks were recorded prior to update.");
      scaler.unscale_(optimizer);
      assertThat(requireNonNull(w.grad()).sum().item()).isEqualTo(2);
      assertThatThrownBy(() -> scaler.unscale_(optimizer))
          .hasMessage(
              "unscale_() has already been called on this optimizer since the last update().");
      assertThat(scaler.step(optimizer)).isTrue();
      assertThatThrownBy(() -> scaler.step(optimizer))
          .hasMessage("step() has already been called since the last update().");
      assertThatThrownBy(() -> scaler.unscale_(optimizer))
          .hasMessage("unscale_() is being called after step().");
      scaler.update(4);
      assertThat(scaler.getScale()).isEqualTo(4);
      w.setGrad(null);
      assertThatThrownBy(() -> scaler.step(optimizer))
          .hasMessage("No inf checks were recorded for this optimizer.");
    }
  }

  @Test
  void should_go_on_from_a_saved_state() {
    try (var scope = TensorScope.open()) {
      GradScaler first = new GradScaler(DeviceType.CPU, o -> o.initScale(8).growthInterval(2));
      Tensor w = Torch.ones(1).requiresGrad_();
      SGD optimizer = new SGD(List.of(w), 0.1);
      turn(first, optimizer, w);
      assertThat(first.stateDict())
          .hasToString(
              "{scale=8.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2,"
                  + " _growth_tracker=1}");

      GradScaler fresh = new GradScaler(DeviceType.CPU);
      fresh.loadStateDict(first.stateDict());
      GradScaler used = new GradScaler(DeviceType.CPU);
      turn(used, optimizer, w);
      used.loadStateDict(first.stateDict());
      for (GradScaler scaler : List.of(first, fresh, used)) {
        turn(scaler, optimizer, w);
        assertThat(scaler.getScale()).isEqualTo(16); // the second good step of two
      }
    }
  }

  private static void turn(GradScaler scaler, SGD optimizer, Tensor w) {
    optimizer.zeroGrad();
    scaler.scale(w.sum()).backward();
    scaler.step(optimizer);
    scaler.update();
  }

  @Test
  void should_do_nothing_when_disabled() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(1).requiresGrad_();
      SGD optimizer = new SGD(List.of(w), 1);
      GradScaler scaler = new GradScaler(DeviceType.CPU, o -> o.enabled(false));
      Tensor loss = w.sum();
      assertThat(scaler.scale(loss)).isSameAs(loss);
      loss.backward();
      scaler.unscale_(optimizer);
      assertThat(scaler.step(optimizer)).isTrue();
      scaler.update();
      assertThat(w.item()).isZero();
      assertThat(scaler.stateDict()).isEmpty();
      assertThat(scaler.getScale()).isEqualTo(1);
    }
  }

  @Test
  void should_refuse_what_python_refuses() {
    try (var scope = TensorScope.open()) {
      assertThatThrownBy(() -> new GradScaler(DeviceType.CPU, o -> o.growthFactor(1)))
          .isInstanceOf(ValueException.class)
          .hasMessage("The growth factor must be > 1.0.");
      assertThatThrownBy(() -> new GradScaler(DeviceType.CPU, o -> o.backoffFactor(1)))
          .hasMessage("The backoff factor must be < 1.0.");
      GradScaler scaler = new GradScaler(DeviceType.CPU);
      assertThatThrownBy(() -> scaler.loadStateDict(Map.of()))
          .isInstanceOf(TorchException.class)
          .hasMessage(
              "The source state dict is empty, possibly because it was saved from a disabled"
                  + " instance of GradScaler.");
      assertThatThrownBy(() -> scaler.loadStateDict(Map.of("scale", "x")))
          .hasMessage("scaler state has x as 'scale'; expected a number");
      Tensor half = Torch.ones(DType.FLOAT16, 2).requiresGrad_();
      SGD optimizer = new SGD(List.of(half), 0.1);
      scaler.scale(half.float32().sum()).backward();
      assertThatThrownBy(() -> scaler.unscale_(optimizer))
          .isInstanceOf(ValueException.class)
          .hasMessage("Attempting to unscale FP16 gradients.");
    }
  }
}
