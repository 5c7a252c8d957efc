package dev.pantorch.quantization;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.nn.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizedTraceTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"QINT8", "FLOAT16"})
  void should_trace_dynamically_quantized_models(DType dtype, @TempDir Path folder)
      throws IOException {
    QuantizedModel model = Quantization.quantizeDynamic_(new QuantizedModel(), o -> o.dtype(dtype));
    ScriptModule traced = Jit.trace(model, Torch.randn(4, 5, 6));
    Path file = folder.resolve("model.pt");
    traced.save(file);
    ScriptModule loaded = Jit.load(file);
    // Other batches and lengths than the example's.
    for (long[] size : new long[][] {{4, 5, 6}, {1, 5, 6}, {7, 3, 6}}) {
      Tensor x = Torch.randn(size);
      Tensor expected = model.forward(x);
      assertThat(traced.forward(x)).isBitEqualTo(expected);
      assertThat(loaded.forward(x)).isBitEqualTo(expected);
    }
    // Packed objects carry weights and biases; cells read their biases themselves.
    List<String> biases = new ArrayList<>();
    for (String cell : List.of("lstm_cell", "gru_cell", "tanh_cell", "relu_cell")) {
      biases.add(cell + ".bias_ih");
      biases.add(cell + ".bias_hh");
    }
    assertThat(loaded.stateDict().keySet()).containsExactlyInAnyOrderElementsOf(biases);
  }

  @Test
  void should_write_weights_as_bytes_once(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("linear.pt");
    Linear linear = Quantization.quantizeDynamic_(new Linear(512, 512));
    Jit.trace(linear, Torch.randn(2, 512)).save(file);
    // 512 * 512 bytes, 512 floats of biases and some kilobytes of code.
    assertThat(Files.size(file)).isBetween(512L * 512, 512L * 512 + 16_384);
  }
}
