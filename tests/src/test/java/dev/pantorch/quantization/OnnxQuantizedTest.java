package dev.pantorch.quantization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.examples.LSTMModel;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.Sequential;
import dev.pantorch.onnx.Onnx;
import dev.pantorch.onnx.OnnxExportException;
import dev.pantorch.onnx.OnnxReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxQuantizedTest {
  private static final Map<Integer, String> SEQUENCES = Map.of(0, "batch", 1, "time");

  @TempDir private Path folder;

  @BeforeEach
  void seed() {
    Torch.manualSeed(0);
  }

  private OnnxReport export(
      String name, Module model, Tensor x, Map<Integer, String> axes, double tolerance)
      throws IOException {
    return Onnx.export(
        model,
        List.of(x),
        folder.resolve(name),
        o -> o.inputNames("x").dynamicAxes("x", axes).verify(v -> v.tolerance(tolerance)));
  }

  /// The operators that ONNX Runtime makes of a model.
  private List<String> kernels(String name) throws OrtException, IOException {
    Path optimized = folder.resolve("optimized.onnx");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizedModelFilePath(optimized.toString());
      String path = folder.resolve(name).toString();
      try (OrtSession session = OrtEnvironment.getEnvironment().createSession(path, options)) {
        assertThat(session.getNumInputs()).isEqualTo(1);
      }
    }
    return ModelProto.parseFrom(Files.readAllBytes(optimized)).getGraph().getNodeList().stream()
        .map(NodeProto::getOpType)
        .toList();
  }

  @Test
  void should_export_dynamically_quantized_layers_of_all_kinds() throws Exception {
    QuantizedModel model = Quantization.quantizeDynamic_(new QuantizedModel());
    // A byte more or less, where rounding differs, is a step of the scale: about 1/127 of a range
    // below 1, times weights below 0.4.
    OnnxReport report = export("model.onnx", model, Torch.randn(4, 5, 6), SEQUENCES, 3e-3);
    assertThat(report.operators())
        .containsEntry("DynamicQuantizeLSTM", 2)
        .containsEntry("MatMulInteger", 10)
        .containsEntry("GRU", 1)
        .doesNotContainKeys("Gemm", "MatMul");
    assertThat(kernels("model.onnx")).contains("DynamicQuantizeLSTM", "MatMulIntegerToFloat");
  }

  @Test
  void should_export_layers_of_halves() throws IOException {
    QuantizedModel model =
        Quantization.quantizeDynamic_(new QuantizedModel(), o -> o.dtype(DType.FLOAT16));
    OnnxReport report = export("model.onnx", model, Torch.randn(4, 5, 6), SEQUENCES, 1e-5);
    assertThat(report.operators()).containsKeys("LSTM", "GRU", "Cast");
  }

  @Test
  void should_take_a_quarter_of_the_room() throws IOException {
    LSTMModel model = new LSTMModel(64, 128, 2, 8);
    Tensor x = Torch.randn(3, 12, 64);
    export("float.onnx", model, x, SEQUENCES, 1e-5);
    LSTMModel quantized = Quantization.quantizeDynamic(model, () -> new LSTMModel(64, 128, 2, 8));
    // The outputs' difference from those of the float model is of this size, too.
    export("int8.onnx", quantized, x, SEQUENCES, 5e-3);
    double ratio =
        (double) Files.size(folder.resolve("int8.onnx")) / Files.size(folder.resolve("float.onnx"));
    assertThat(ratio).isBetween(0.25, 0.27);
  }

  @Test
  void should_export_a_statically_quantized_network_that_runs_with_bytes() throws Exception {
    QuantizedNet net = QuantizedNet.quantized(List.of(Torch.randn(16, 1, 8, 8)));
    Tensor x = Torch.randn(4, 1, 8, 8);
    double step = 1.0 / 20;
    OnnxReport report = export("net.onnx", net, x, Map.of(0, "batch"), step);
    assertThat(report.operators())
        .containsEntry("Conv", 2)
        .containsEntry("Gemm", 2)
        .containsEntry("QuantizeLinear", 8);
    assertThat(kernels("net.onnx"))
        .contains("QLinearConv", "QGemm", "QLinearAdd")
        .doesNotContain("Conv", "Gemm", "Relu");
  }

  @Test
  void should_say_what_of_quantized_elements_cannot_be_exported() {
    Module model = Quantization.quantizeDynamic_(new Sequential(new Linear(3, 3)));
    assertThatThrownBy(() ->
            Onnx.export(
                model,
                List.of(Torch.randn(2, 3)),
                folder.resolve("no.onnx"),
                o ->
                    o.lowering(
                        "quantized::linear_dynamic",
                        call -> {
                          throw call.refuse("a test");
                        })))
        .isInstanceOf(OnnxExportException.class)
        .hasMessageContaining("quantized::linear_dynamic in module '0'")
        .hasMessageEndingWith("cannot be exported to ONNX: a test");
  }
}
