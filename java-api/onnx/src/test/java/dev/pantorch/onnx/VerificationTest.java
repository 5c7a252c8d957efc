package dev.pantorch.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.Sequential;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  @TempDir Path folder;

  private Path path() {
    return folder.resolve("model.onnx");
  }

  @Test
  void should_report_how_far_outputs_are_from_the_modules() throws IOException {
    Torch.manualSeed(1);
    Module model = new Sequential(new Linear(3, 8), new Linear(8, 2));
    Tensor x = Torch.randn(4, 3);
    OnnxReport report =
        Onnx.export(
            model,
            List.of(x),
            path(),
            o -> o.inputNames("x").dynamicAxes("x", Map.of(0, "batch")).verify());
    assertThat(report.operators()).isEqualTo(Map.of("Gemm", 2));
    assertThat(report.nodes()).isEqualTo(2);
    assertThat(report.weightBytes()).isEqualTo(4 * (3 * 8 + 8 + 8 * 2 + 2));
    assertThat(report.runs())
        .extracting(run -> run.shapes().get("x"))
        .containsExactly(List.of(4L, 3L), List.of(1L, 3L), List.of(9L, 3L));
    assertThat(report.maxDifference()).isBetween(0.0, 1e-5);
    assertThat(path()).exists();
  }

  @Test
  void should_run_with_the_sizes_and_inputs_that_are_asked_for() throws IOException {
    Module model = new Linear(3, 2);
    OnnxReport report =
        Onnx.export(
            model,
            List.of(Torch.randn(4, 3)),
            path(),
            o ->
                o.inputNames("x")
                    .dynamicAxes("x", Map.of(0, "batch"))
                    .verify(v -> v.sizes(Map.of("batch", 6L)).inputs(Torch.randn(2, 3))));
    assertThat(report.runs())
        .extracting(OnnxReport.Run::shapes)
        .containsExactly(
            Map.of("x", List.of(4L, 3L)),
            Map.of("x", List.of(6L, 3L)),
            Map.of("x", List.of(2L, 3L)));
    assertThatThrownBy(() ->
            Onnx.export(
                model,
                List.of(Torch.randn(4, 3)),
                path(),
                o -> o.verify(v -> v.sizes(Map.of("time", 6L)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("verify names the axis 'time'; the dynamic axes are []");
  }

  @Test
  void should_leave_no_file_of_a_model_that_computes_something_else() {
    Layer model = Models.layer(Tensor::exp);
    for (boolean external : new boolean[] {false, true}) {
      assertThatThrownBy(() ->
              Onnx.export(
                  model,
                  List.of(Torch.zeros(2, 400)),
                  path(),
                  o ->
                      o.externalData(external)
                          .lowering(
                              "aten::exp",
                              call -> {
                                OnnxValue one =
                                    call.constant("one", Torch.full(new long[] {2, 400}, 1.5f));
                                call.result(call.emit("Mul", call.dtype(), 2, one, one));
                              })
                          .verify()))
          .isInstanceOf(OnnxExportException.class)
          .hasMessageStartingWith(
              "output 0 of ONNX Runtime differs by 1.25 from the module's; the tolerance is 1.0E-5."
                  + " Inputs: {input=[2, 400]}");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  @SuppressWarnings("UnusedMethod") // the trace finds forward
  void should_flatten_records_lists_and_maps() throws IOException {
    Torch.manualSeed(2);
    Module model =
        new Module() {
          final LSTM lstm = register("lstm", new LSTM(4, 3, o -> o.batchFirst(true)));

          Map<String, Tensor> forward(Tensor x, LSTM.State state, List<Tensor> more) {
            LSTM.Output read = lstm.forward(x.add(more.get(0)).sub(more.get(1)), state);
            return new TreeMap<>(Map.of("read", read.output(), "last", read.state().h()));
          }
        };
    Tensor x = Torch.randn(2, 5, 4);
    LSTM.State state = new LSTM.State(Torch.randn(1, 2, 3), Torch.randn(1, 2, 3));
    OnnxReport report =
        Onnx.export(
            model,
            List.of(x, state, List.of(Torch.randn(2, 1, 4), Torch.randn(4))),
            path(),
            o ->
                o.inputNames("x", "state", "more")
                    .dynamicAxes("x", Map.of(0, "batch", 1, "time"))
                    .dynamicAxes("state_h", Map.of(1, "batch"))
                    .dynamicAxes("state_c", Map.of(1, "batch"))
                    .dynamicAxes("more_0", Map.of(0, "batch"))
                    .verify());
    assertThat(report.runs()).hasSize(3);
    try (OnnxSession session = OnnxSession.of(path())) {
      assertThat(session.inputNames())
          .containsExactly("x", "state_h", "state_c", "more_0", "more_1");
      assertThat(session.outputNames()).containsExactly("output_last", "output_read");
    }
  }

  @Test
  @SuppressWarnings("UnusedMethod") // the trace finds forward
  void should_take_a_map_and_name_each_of_its_tensors() throws IOException {
    Module model =
        new Module() {
          Tensor forward(Map<String, Tensor> parts) {
            List<Tensor> both = List.copyOf(parts.values());
            return both.get(0).sub(both.get(1));
          }
        };
    Onnx.export(
        model,
        List.of(new TreeMap<>(Map.of("left", Torch.randn(2, 3), "right", Torch.randn(3)))),
        path(),
        o -> o.inputNames("parts").outputNames("difference").verify());
    try (OnnxSession session = OnnxSession.of(path())) {
      assertThat(session.inputNames()).containsExactly("parts_left", "parts_right");
      assertThat(session.outputNames()).containsExactly("difference");
    }
  }

  @Test
  void should_export_a_method_or_a_function_instead_of_forward() throws IOException {
    Linear model = new Linear(3, 2);
    Tensor x = Torch.randn(4, 3);
    OnnxReport report =
        Onnx.export(
            model,
            List.of(x),
            path(),
            o -> o.function(inputs -> model.forward((Tensor) inputs.get(0)).relu()).verify());
    assertThat(report.operators()).isEqualTo(Map.of("Gemm", 1, "Relu", 1));
    assertThatThrownBy(() -> Onnx.export(model, List.of(x), path(), o -> o.method("predict")))
        .hasMessageContaining("has no method 'predict'");
  }

  @Test
  void should_need_onnx_runtime_for_the_verification_alone()
      throws IOException, InterruptedException {
    String[] classPath = System.getProperty("java.class.path").split(File.pathSeparator);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    String home = System.getProperty("pantorch.libtorch.home");
    if (home != null) command.add("-Dpantorch.libtorch.home=" + home);
    command.add("-cp");
    command.add(
        Arrays.stream(classPath)
            .filter(each -> !Path.of(each).getFileName().toString().startsWith("onnxruntime"))
            .collect(Collectors.joining(File.pathSeparator)));
    command.addAll(List.of(WithoutRuntime.class.getName(), path().toString()));
    File output = folder.resolve("output").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    assertThat(process.waitFor()).isZero();
    assertThat(Files.readAllLines(output.toPath()))
        .endsWith(
            "true",
            "verify() runs the model in ONNX Runtime, which is not on the class path; add"
                + " com.microsoft.onnxruntime:onnxruntime");
  }
}
