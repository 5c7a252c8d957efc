package dev.pantorch.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.quantization.Quantization;
import dev.pantorch.quantization.QuantizedModel;
import dev.pantorch.quantization.QuantizedNet;
import dev.pantorch.testing.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Python reads what Java writes, run where a Python with PyTorch is given:
///
/// ```
/// mvn verify -P with-python -Dpython=/path/to/python
/// ```
@EnabledIfSystemProperty(named = "pantorch.python", matches = ".+")
class PythonReadsTest {
  @TempDir private Path folder;

  @Test
  void should_be_read_by_python() throws IOException, InterruptedException {
    int written = 0;
    for (Map.Entry<String, JsonNode> each : TestFiles.checkpoints().properties()) {
      if (!each.getValue().has("value")) continue;
      write(each.getValue().get("file").asText());
      written++;
    }
    Path fixtures = TestFiles.fixture("checkpoints.json").resolveSibling(".");

    String output = Python.run("check_checkpoints.py", folder, fixtures);

    assertThat(written).isGreaterThan(25);
    assertThat(output).contains("files read by Python as they should be");
  }

  @Test
  void should_be_run_by_python() throws IOException, InterruptedException {
    for (DType dtype : List.of(DType.QINT8, DType.FLOAT16)) {
      QuantizedModel model =
          Quantization.quantizeDynamic_(new QuantizedModel(), o -> o.dtype(dtype));
      trace("dynamic-" + dtype.name(), model, Torch.randn(4, 5, 6), Torch.randn(7, 3, 6));
    }

    QuantizedNet net = QuantizedNet.quantized(List.of(Torch.randn(4, 1, 8, 8)));
    Tensor x = Torch.randn(3, 1, 8, 8);
    Jit.trace(net, Torch.randn(4, 1, 8, 8)).save(folder.resolve("static.pt"));
    Safetensors.save(folder.resolve("static.safetensors"), Map.of("x", x, "y", net.forward(x)));

    assertThat(Python.run("check_traces.py", folder))
        .contains("3 traces compute in Python what they compute in Java");
  }

  @Test
  void should_be_loaded_by_python_as_a_quantized_state() throws IOException, InterruptedException {
    QuantizedNet net = QuantizedNet.quantized(List.of(Torch.randn(4, 1, 8, 8)));
    Tensor x = Torch.randn(4, 1, 8, 8);
    Torch.save(net.stateDict(), folder.resolve("net.pt"));
    Safetensors.save(folder.resolve("net.safetensors"), Map.of("x", x, "y", net.forward(x)));

    assertThat(Python.run("check_quantized_state.py", folder))
        .contains("the same outputs in Python");
  }

  private void trace(String name, QuantizedModel model, Tensor example, Tensor x)
      throws IOException {
    Jit.trace(model, example).save(folder.resolve(name + ".pt"));
    Safetensors.save(folder.resolve(name + ".safetensors"), Map.of("x", x, "y", model.forward(x)));
  }

  private void write(String name) throws IOException {
    Path python = TestFiles.fixture("checkpoints/" + name);
    Path java = folder.resolve(name);
    try (var scope = TensorScope.open()) {
      if (name.endsWith(".pt")) {
        boolean zip = !name.endsWith("-legacy.pt");
        Object value = Torch.load(python).value();
        Torch.save(value, java, o -> o.useNewZipfileSerialization(zip));
      } else if (name.endsWith(".npy")) {
        Numpy.save(java, Numpy.load(python));
      } else if (name.endsWith(".npz")) {
        var tensors = Numpy.loadz(python);
        tensors.remove("many"); // not listed in checkpoints.json
        Numpy.savezCompressed(java, tensors);
      } else {
        Safetensors.saveSharded(java, Safetensors.load(python), 64);
      }
    }
  }
}
