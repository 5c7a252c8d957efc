package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Autograd;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/// Hooks on what graphs save, and what anomaly mode says.
class SavedTensorsTest {
  @Test
  void should_keep_saved_tensors_in_another_form() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new double[] {2, 1.0 / 3}).requiresGrad_();
      List<DType> packed = new ArrayList<>();
      Tensor y;
      try (var hooks =
          Autograd.savedTensorsHooks(
              t -> {
                packed.add(t.dtype());
                return t.float32().keep();
              },
              Tensor::float64)) {
        y = x.pow(2).sum();
      }
      y.backward();
      assertThat(packed).containsExactly(DType.FLOAT64);
      // A third went through single precision.
      assertThat(x.grad()).isBitEqualTo(x.detach().float32().float64().mul(2));
      x.setGrad(null);
      x.pow(2).sum().backward();
      assertThat(x.grad()).isBitEqualTo(x.detach().mul(2));
    }
  }

  @Test
  void should_nest_and_belong_to_a_thread() throws Exception {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new double[] {3}).requiresGrad_().keep();
      List<String> seen = new ArrayList<>();
      var outer =
          Autograd.savedTensorsHooks(
              t -> {
                seen.add("outer");
                return t.keep();
              },
              (Tensor t) -> t);
      var inner =
          Autograd.savedTensorsHooks(
              t -> {
                seen.add("inner");
                return t.keep();
              },
              (Tensor t) -> t);
      Tensor square = x.pow(2);
      assertThatThrownBy(outer::close)
          .hasMessage("hooks on saved tensors were closed before the ones opened inside of them");
      inner.close();
      inner.close();
      Tensor cube = x.pow(3);
      try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
        executor.submit(() -> TensorScope.scope(() -> x.pow(4).item())).get();
      }
      outer.close();
      x.exp();
      assertThat(seen).containsExactly("inner", "outer");
      square.add(cube).backward();
      assertThat(x.grad()).hasValues(2 * 3 + 3 * 9);
      x.close();
    }
  }

  @Test
  void should_let_exceptions_of_hooks_out() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new double[] {3}).requiresGrad_();
      IllegalStateException mine = new IllegalStateException("mine");
      try (var hooks =
          Autograd.savedTensorsHooks(
              t -> {
                throw mine;
              },
              (Tensor t) -> t)) {
        assertThatThrownBy(() -> x.pow(2)).isSameAs(mine);
      }
      Tensor y;
      try (var hooks =
          Autograd.savedTensorsHooks(
              Tensor::shape,
              shape -> {
                throw mine;
              })) {
        y = x.pow(2);
      }
      assertThatThrownBy(y::backward).isSameAs(mine);
    }
  }

  @Test
  void should_keep_saved_tensors_on_the_cpu() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new double[] {2, 3}).requiresGrad_();
      Tensor y;
      try (var hooks = Autograd.saveOnCpu()) {
        y = x.exp().mul(x).sum();
      }
      y.backward();
      assertThat(x.grad()).isBitEqualTo(x.detach().exp().mul(x.detach()).add(x.detach().exp()));
    }
  }

  @Test
  void should_log_the_stack_of_the_forward_call_in_anomaly_mode() {
    List<String> logged = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.pantorch");
    logger.addHandler(handler);
    Autograd.setDetectAnomaly(true, true);
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new double[] {0}).requiresGrad_();
      // The derivative of a root at 0 times 0 is NaN.
      Tensor y = rootOf(x).mul(0);
      assertThatThrownBy(y::backward)
          .hasMessage("Function 'SqrtBackward0' returned nan values in its 0th output.");
      assertThat(logged).hasSize(1);
      assertThat(logged.getFirst())
          .startsWith(
              "Error detected in SqrtBackward0. Stack of the forward call that caused the error:")
          .contains("SavedTensorsTest.rootOf(SavedTensorsTest.java:");
    } finally {
      Autograd.setDetectAnomaly(false, true);
      logger.removeHandler(handler);
    }
  }

  private static Tensor rootOf(Tensor x) {
    return x.sqrt();
  }
}
