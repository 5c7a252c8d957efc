package dev.pantorch.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Modules, graphs, recordings and objects of TorchScript are freed once nobody can reach them.
class ScriptLeakTest {
  private static final int ROUNDS = 5;

  /// Collections, after each of which the cleaner has a moment.
  private static final int ATTEMPTS = 200;

  private static void assertFreedTo(long before) throws InterruptedException {
    for (int i = 0; i < ATTEMPTS && NativeHandle.live() > before; i++) {
      LeakDetection.collect();
      Thread.sleep(10);
    }
    assertThat(NativeHandle.live()).isLessThanOrEqualTo(before);
  }

  /// Everything that makes a handle.
  private static List<Object> use() throws IOException {
    List<Object> made = new ArrayList<>();
    try (var scope = TensorScope.open()) {
      Sequential model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
      model.eval();
      ScriptModule traced = Jit.trace(model, Torch.randn(5, 3));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      traced.save(bytes, Map.of("note.txt", "text"));
      ScriptModule loaded = Jit.load(new ByteArrayInputStream(bytes.toByteArray()), o -> {});
      made.addAll(List.of(traced, loaded, loaded.copy(), loaded.freeze()));
      made.add(loaded.optimizeForInference());
      loaded.forward(Torch.randn(2, 3));
      made.add(loaded.inlinedGraph());
      Tensor weight = Torch.quantizePerTensor(Torch.randn(2, 3), 0.1, 0, DType.QINT8);
      made.addAll(Torch.op("quantized::linear_prepack").call(weight, Torch.zeros(2)));
    }
    return made;
  }

  private static long held(List<Object> made) throws IOException {
    for (int i = 0; i < ROUNDS; i++) made.addAll(use());
    return NativeHandle.live();
  }

  @Test
  void should_free_what_is_unreachable() throws Exception {
    long before = NativeHandle.live();
    List<Object> made = new ArrayList<>();
    // At least the five modules and the packed weight of each round.
    assertThat(held(made)).isGreaterThanOrEqualTo(before + 6 * ROUNDS);
    made.clear();
    assertFreedTo(before);
  }

  @Test
  void should_free_what_an_abandoned_trace_has_made() throws Exception {
    long before = NativeHandle.live();
    Layer failing =
        new Layer() {
          @Override
          public Tensor forward(Tensor input) {
            return input.relu().view(7, 7, 7);
          }
        };
    for (int i = 0; i < ROUNDS; i++) {
      assertThatThrownBy(() -> Jit.trace(failing, Torch.randn(5, 3)))
          .isInstanceOf(TorchException.class);
      assertThatThrownBy(() -> Jit.load(new ByteArrayInputStream(new byte[] {1, 2, 3}), o -> {}))
          .isInstanceOf(TorchException.class);
    }
    assertFreedTo(before);
  }
}
