package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Autograd;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class GradModeTest {
  @Test
  void should_nest_modes() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(2).requiresGrad_();
      try (var none = Torch.noGrad()) {
        assertThat(w.mul(2).requiresGrad()).isFalse();
        try (var again = Torch.enableGrad()) {
          assertThat(w.mul(2).requiresGrad()).isTrue();
        }
        assertThat(w.mul(2).requiresGrad()).isFalse();
      }
      assertThat(w.mul(2).requiresGrad()).isTrue();
    }
  }

  @Test
  void should_make_inference_tensors_in_inference_mode() {
    try (var scope = TensorScope.open()) {
      Tensor made = Torch.inferenceMode(() -> Torch.ones(2).mul(3));
      assertThat(made.isInference()).isTrue();
      assertThat(Torch.isGradEnabled()).isTrue();
      Tensor w = Torch.ones(2).requiresGrad_();
      assertThatThrownBy(() -> w.mul(made))
          .hasMessageContaining("Inference tensors cannot be saved for backward");
    }
  }

  @Test
  void should_follow_virtual_threads_across_carriers() throws Exception {
    int threads = 64;
    List<Future<Boolean>> results = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < threads; i++) {
        boolean grad = i % 2 == 0;
        results.add(executor.submit(() -> alternates(grad)));
      }
      for (Future<Boolean> result : results) assertThat(result.get()).isTrue();
    }
  }

  /// Yields between calls, so that other virtual threads use the same carriers in the other mode.
  @SuppressWarnings("ThreadPriorityCheck") // the yield is what is tested
  private static boolean alternates(boolean grad) {
    try (var scope = TensorScope.open();
        Autograd.Mode mode = grad ? Torch.enableGrad() : Torch.noGrad()) {
      Tensor w = Torch.ones(1).requiresGrad_();
      for (int i = 0; i < 200; i++) {
        if (w.mul(2).requiresGrad() != grad) return false;
        Thread.yield();
      }
      return true;
    }
  }

  @Test
  void should_run_hooks_and_replace_gradients() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(3).requiresGrad_();
      List<Boolean> modes = new ArrayList<>();
      try (var hook =
          w.registerHook(grad -> {
            modes.add(Torch.isGradEnabled());
            return grad.mul(10);
          })) {
        w.mul(2).sum().backward();
      }
      assertThat(modes).containsExactly(false);
      assertThat(w.grad().sum().item()).isEqualTo(60);
      w.setGrad(null);
      w.mul(2).sum().backward();
      assertThat(w.grad().sum().item()).isEqualTo(6);
    }
  }

  @Test
  void should_let_a_hooks_exception_out_as_itself() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(3).requiresGrad_();
      IOException mine = new IOException("mine");
      w.registerHook(grad -> {
        throw sneaky(mine);
      });
      Tensor loss = w.sum();
      assertThatThrownBy(loss::backward).isSameAs(mine);
      assertThat(Torch.isGradEnabled()).isTrue();
      assertThat(w.mul(2).requiresGrad()).isTrue();
    }
  }

  @SuppressWarnings("unchecked") // erased: throws it unchecked
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }

  @Test
  void should_call_a_hook_after_accumulation() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(3).requiresGrad_();
      List<Double> seen = new ArrayList<>();
      var hook = w.registerPostAccumulateGradHook(leaf -> seen.add(leaf.grad().sum().item()));
      w.mul(2).sum().backward();
      w.mul(2).sum().backward();
      hook.remove();
      w.mul(2).sum().backward();
      assertThat(seen).containsExactly(6.0, 12.0);
    }
  }

  @Test
  void should_differentiate_twice() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.full(new long[] {}, 3.0).requiresGrad_();
      Tensor y = x.pow(3);
      Tensor first = Autograd.grad(List.of(y), List.of(x), null, true, true, false).getFirst();
      assertThat(first.item()).isEqualTo(27);
      assertThat(Autograd.grad(first, x).item()).isEqualTo(18);
      assertThat(x.grad()).isNull();
    }
  }

  @Test
  void should_report_a_graph_that_was_freed() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.ones(2).requiresGrad_();
      Tensor loss = x.mul(x).sum();
      loss.backward();
      assertThatThrownBy(loss::backward)
          .hasMessageContaining("Trying to backward through the graph a second time");
    }
  }

  @Test
  void should_allow_unused_inputs_only_when_asked() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.ones(2).requiresGrad_();
      Tensor unused = Torch.ones(2).requiresGrad_();
      Tensor loss = x.sum();
      assertThat(Autograd.grad(List.of(loss), List.of(x, unused), null, true, false, true).get(1))
          .isNull();
      assertThatThrownBy(() -> Autograd.grad(List.of(loss), List.of(x, unused)))
          .hasMessageContaining("appears to not have been used in the graph");
    }
  }
}
