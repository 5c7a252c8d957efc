package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import dev.pantorch.jit.Jit;
import dev.pantorch.nn.Module;
import dev.pantorch.onnx.Onnx;
import dev.pantorch.onnx.OnnxReport;
import dev.pantorch.testing.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The models that `tests/python/onnx_models.py` exports by `torch.onnx.export`, exported from
/// Java.
class OnnxParityTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir private Path folder;

  static List<String> names() {
    List<String> names = new ArrayList<>();
    Fixtures.json("onnx.json").fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<Tensor> outputs(Module model, List<Tensor> inputs) {
    try (var mode = Torch.noGrad()) {
      Object returned =
          Jit.trace(model, o -> o.strict(false).checkTrace(false), inputs.toArray())
              .call(inputs.toArray());
      return returned instanceof List<?> list
          ? list.stream().map(Tensor.class::cast).toList()
          : List.of((Tensor) java.util.Objects.requireNonNull(returned));
    }
  }

  private OnnxReport export(String name, Module model, List<Tensor> inputs) throws IOException {
    List<Map<Integer, String>> axes = OnnxModels.named(name).axes();
    return Onnx.export(
        model,
        inputs,
        folder.resolve(name + ".onnx"),
        o -> {
          String[] inputNames = new String[inputs.size()];
          for (int i = 0; i < inputNames.length; i++) {
            inputNames[i] = "x" + i;
            o.dynamicAxes(inputNames[i], axes.get(i));
          }
          o.inputNames(inputNames).verify();
        });
  }

  @ParameterizedTest
  @MethodSource("names")
  void should_compute_what_pythons_file_computes_with_no_more_nodes(String name)
      throws IOException {
    JsonNode python = Fixtures.json("onnx.json").get(name);
    TensorFile expected = Fixtures.tensors("onnx.safetensors");
    Torch.manualSeed(0);
    Module model = OnnxModels.named(name).make().get();
    model.eval();
    Torch.manualSeed(1);
    List<Tensor> inputs = OnnxModels.named(name).draw().get();

    OnnxReport report = export(name, model, inputs);

    assertThat(report.nodes())
        .as("%s, Python's are %s", report.operators(), python.get("operators"))
        .isLessThanOrEqualTo(python.get("nodes").asInt());
    // What ONNX Runtime computes with this file was compared with the model; so the model is
    // compared with what it computes with Python's.
    List<Tensor> found = outputs(model, inputs);
    for (int i = 0; i < found.size(); i++) {
      Tensor difference = found.get(i).sub(expected.tensor(name + "." + i)).abs().max();
      assertThat(difference.item()).isLessThanOrEqualTo(TOLERANCE);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "pantorch.python", matches = ".+")
  void should_pass_pythons_checker_and_run_there() throws IOException, InterruptedException {
    for (String name : names()) {
      Module model = OnnxModels.named(name).make().get();
      model.eval();
      List<Tensor> inputs = OnnxModels.named(name).draw().get();
      export(name, model, inputs);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (int i = 0; i < inputs.size(); i++) tensors.put("x" + i, inputs.get(i));
      List<Tensor> outputs = outputs(model, inputs);
      for (int i = 0; i < outputs.size(); i++) {
        tensors.put("y" + i, outputs.get(i).detach().contiguous());
      }
      Safetensors.save(folder.resolve(name + ".safetensors"), tensors);
    }
    assertThat(Python.run("check_onnx.py", folder))
        .contains("%d models pass".formatted(names().size()));
  }
}
