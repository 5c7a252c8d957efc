package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// Regions of autocast: whom they belong to, how they nest, and what becomes of converted weights.
/// The numbers are compared with Python's in the parity tests.
class AutocastTest {
  private static DType product(Tensor a) {
    return a.matmul(a).dtype();
  }

  @Test
  void should_nest_and_end() {
    try (var scope = TensorScope.open()) {
      Tensor a = Torch.ones(2, 2);
      try (var outer = Torch.autocast(DeviceType.CPU)) {
        assertThat(product(a)).isEqualTo(DType.BFLOAT16);
        try (var inner = Torch.autocast(DeviceType.CPU, DType.FLOAT16)) {
          assertThat(product(a)).isEqualTo(DType.FLOAT16);
          assertThat(Torch.getAutocastDtype(DeviceType.CPU)).isEqualTo(DType.FLOAT16);
          try (var off = Torch.autocast(DeviceType.CPU, o -> o.enabled(false))) {
            assertThat(product(a)).isEqualTo(DType.FLOAT32);
            assertThat(Torch.isAutocastEnabled(DeviceType.CPU)).isFalse();
          }
          assertThat(product(a)).isEqualTo(DType.FLOAT16);
        }
        assertThat(product(a)).isEqualTo(DType.BFLOAT16);
        assertThat(Torch.op("aten::mm").callTensor(a, a).dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(Torch.isAutocastEnabled(DeviceType.CPU)).isTrue();
        assertThat(Torch.isAutocastEnabled(DeviceType.CUDA)).isFalse();
      }
      assertThat(product(a)).isEqualTo(DType.FLOAT32);
      assertThat(Torch.getAutocastDtype(DeviceType.CPU)).isEqualTo(DType.BFLOAT16);
      assertThat(Torch.getAutocastDtype(DeviceType.CUDA)).isEqualTo(DType.FLOAT16);
      assertThat(Torch.autocast(DeviceType.CPU, DType.BFLOAT16, () -> product(a)))
          .isEqualTo(DType.BFLOAT16);
    }
  }

  @Test
  void should_keep_grad_modes_apart() {
    try (var scope = TensorScope.open()) {
      Tensor a = Torch.ones(2, 2).requiresGrad_();
      try (var none = Torch.noGrad();
          var mode = Torch.autocast(DeviceType.CPU)) {
        assertThat(a.matmul(a).requiresGrad()).isFalse();
        try (var again = Torch.enableGrad()) {
          assertThat(a.matmul(a).requiresGrad()).isTrue();
          assertThat(product(a)).isEqualTo(DType.BFLOAT16);
        }
      }
      assertThat(a.matmul(a).requiresGrad()).isTrue();
    }
  }

  @Test
  void should_end_when_inference_mode_followed_without_a_call_between() {
    try (var scope = TensorScope.open()) {
      Tensor a = Torch.ones(2, 2);
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        assertThat(product(a)).isEqualTo(DType.BFLOAT16);
      }
      // libtorch's own guard of this mode puts back what it found: a thread that autocasts.
      try (var mode = Torch.inferenceMode()) {
        assertThat(product(a)).isEqualTo(DType.FLOAT32);
      }
      assertThat(product(a)).isEqualTo(DType.FLOAT32);
      try (var inference = Torch.inferenceMode();
          var mode = Torch.autocast(DeviceType.CPU)) {
        assertThat(product(a)).isEqualTo(DType.BFLOAT16);
      }
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        assertThat(product(a)).isEqualTo(DType.BFLOAT16);
      }
      assertThat(product(a)).isEqualTo(DType.FLOAT32);
    }
  }

  @Test
  void should_follow_virtual_threads_across_carriers() throws Exception {
    List<Future<Boolean>> results = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      DType[] dtypes = {DType.BFLOAT16, DType.FLOAT16, DType.FLOAT32};
      for (int i = 0; i < 48; i++) {
        DType dtype = dtypes[i % 3];
        results.add(executor.submit(() -> keeps(dtype)));
      }
      for (Future<Boolean> result : results) assertThat(result.get()).isTrue();
    }
  }

  /// Yields between calls, so that other virtual threads use the same carriers in other modes; with
  /// a leaf weight, so that a cache shared between threads would be seen.
  @SuppressWarnings("ThreadPriorityCheck") // the yield is what is tested
  private static boolean keeps(DType dtype) {
    boolean enabled = dtype != DType.FLOAT32;
    try (var scope = TensorScope.open();
        var mode =
            Torch.autocast(
                DeviceType.CPU, o -> o.dtype(enabled ? dtype : DType.BFLOAT16).enabled(enabled))) {
      for (int i = 0; i < 100; i++) {
        if (product(WEIGHT) != dtype) return false;
        Thread.yield();
      }
      return true;
    }
  }

  private static final Tensor WEIGHT = Torch.ones(2, 2).requiresGrad_();

  @Test
  void should_forget_converted_weights_at_the_end() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(1, 1).requiresGrad_();
      Tensor x = Torch.ones(1, 1);
      for (int value = 1; value <= 3; value++) {
        double now = value;
        Torch.noGrad(() -> w.fill_(now));
        try (var mode = Torch.autocast(DeviceType.CPU)) {
          assertThat(x.matmul(w).item()).isEqualTo(value);
        }
      }
    }
  }

  @Test
  void should_convert_a_weight_once_in_a_region() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(1, 1).requiresGrad_();
      Tensor x = Torch.ones(1, 1);
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        x.matmul(w);
        w.detach().fill_(2); // behind the cache's back: the first conversion is used again
        assertThat(x.matmul(w).item()).isEqualTo(1);
      }
      try (var mode = Torch.autocast(DeviceType.CPU, o -> o.cacheEnabled(false))) {
        assertThat(Torch.isAutocastCacheEnabled()).isFalse();
        x.matmul(w);
        w.detach().fill_(3);
        assertThat(x.matmul(w).item()).isEqualTo(3);
      }
      assertThat(Torch.isAutocastCacheEnabled()).isTrue();
    }
  }

  @Test
  void should_not_use_what_another_thread_has_converted() throws Exception {
    try (var scope = TensorScope.openShared();
        var executor = Executors.newSingleThreadExecutor()) {
      Tensor w = Torch.ones(1, 1).requiresGrad_();
      Tensor x = Torch.ones(1, 1);
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        x.matmul(w);
        w.detach().fill_(2);
        double seen =
            executor
                .submit(() ->
                    TensorScope.scope(() ->
                        Torch.autocast(DeviceType.CPU, DType.BFLOAT16, () -> x.matmul(w).item())))
                .get();
        assertThat(seen).isEqualTo(2);
        assertThat(x.matmul(w).item()).isEqualTo(1);
      }
    }
  }

  @Test
  void should_record_gradients_after_a_look_without_them() {
    try (var scope = TensorScope.open()) {
      Linear layer = new Linear(2, 2);
      Tensor x = Torch.ones(1, 2);
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        Torch.noGrad(() -> layer.forward(x));
        layer.forward(x).sum().backward();
      }
      assertThat(layer.weight().grad().dtype()).isEqualTo(DType.FLOAT32);
      assertThat(layer.weight().grad()).isBitEqualTo(Torch.ones(2, 2));
    }
  }

  @Test
  void should_stay_on_in_hooks_of_a_backward_pass_within_the_region() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(2, 2).requiresGrad_();
      List<DType> seen = new ArrayList<>();
      w.registerHook(grad -> {
        seen.add(product(Torch.ones(2, 2)));
        return null;
      });
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        w.matmul(w).sum().backward();
        assertThat(product(w)).isEqualTo(DType.BFLOAT16);
      }
      w.matmul(w).sum().backward();
      assertThat(seen).containsExactly(DType.BFLOAT16, DType.FLOAT32);
    }
  }

  @Test
  void should_take_inputs_of_recurrent_layers_in_either_dtype() {
    try (var scope = TensorScope.open()) {
      LSTM lstm = new LSTM(3, 4, o -> o.projSize(2));
      Tensor x = Torch.ones(2, 1, 3);
      try (var mode = Torch.autocast(DeviceType.CPU)) {
        assertThat(lstm.forward(x.bfloat16()).output().dtype()).isEqualTo(DType.BFLOAT16);
      }
      assertThatThrownBy(() -> lstm.forward(x.bfloat16()))
          .hasMessageStartingWith("RNN input dtype (torch.bfloat16) does not match weight dtype");
    }
  }

  @Test
  void should_refuse_what_has_no_autocast() {
    assertThatThrownBy(() -> Torch.autocast(DeviceType.META))
        .isInstanceOf(TorchException.class)
        .hasMessageStartingWith("User specified an unsupported autocast device_type 'meta'");
  }

  @Test
  void should_switch_itself_off_for_a_dtype_that_it_has_not() {
    try (var scope = TensorScope.open();
        var mode = Torch.autocast(DeviceType.CPU, DType.FLOAT64)) {
      assertThat(Torch.isAutocastEnabled(DeviceType.CPU)).isFalse();
      assertThat(product(Torch.ones(2, 2))).isEqualTo(DType.FLOAT32);
    }
  }

  @Test
  void should_refuse_to_be_closed_by_another_thread() throws Exception {
    try (var mode = Torch.autocast(DeviceType.CPU);
        var executor = Executors.newSingleThreadExecutor()) {
      executor
          .submit(() ->
              assertThatThrownBy(mode::close)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("which did not open it"))
          .get();
    }
    assertThat(Torch.isAutocastEnabled(DeviceType.CPU)).isFalse();
  }
}
