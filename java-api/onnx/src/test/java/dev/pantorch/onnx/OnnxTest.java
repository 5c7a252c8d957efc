package dev.pantorch.onnx;

import static dev.pantorch.onnx.OnnxRuntime.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Hardshrink;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxTest {
  @TempDir Path folder;

  static final class Weather extends Module {
    final LSTM lstm;
    final Dropout dropout;
    final Linear fc;

    Weather() {
      lstm = register("lstm", new LSTM(5, 8, o -> o.numLayers(2).batchFirst(true)));
      dropout = register("dropout", new Dropout(0.5));
      fc = register("fc", new Linear(8, 1));
    }

    Tensor forward(Tensor x) {
      Tensor last = lstm.forward(x).output().select(1, -1);
      return fc.forward(dropout.forward(last)).view(x.size(0));
    }
  }

  private static ModelProto read(Path path) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(path));
  }

  private static List<String> operators(ModelProto model) {
    return model.getGraph().getNodeList().stream().map(NodeProto::getOpType).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 18, 19, 20, 21, 22, 23})
  void should_export_a_recurrent_model_for_any_batch_and_length(int opset) throws IOException {
    Torch.manualSeed(1);
    Weather model = new Weather();
    Path path = folder.resolve("model.onnx");
    Tensor x = Torch.randn(4, 10, 5);
    Onnx.export(
        model,
        List.of(x),
        path,
        o ->
            o.opset(opset)
                .inputNames("x")
                .outputNames("y")
                .dynamicAxes("x", Map.of(0, "batch", 1, "time")));
    model.eval();
    for (long[] shape : new long[][] {{4, 10, 5}, {1, 10, 5}, {7, 3, 5}, {2, 33, 5}}) {
      Tensor input = Torch.randn(shape);
      assertSame(path, List.of(model.forward(input)), input);
    }
  }

  @Test
  void should_write_few_nodes_with_readable_names() throws IOException {
    Weather model = new Weather();
    Path path = folder.resolve("model.onnx");
    Onnx.export(
        model,
        List.of(Torch.randn(4, 10, 5)),
        path,
        o ->
            o.inputNames("x")
                .outputNames("y")
                .dynamicAxes("x", Map.of(0, "batch", 1, "time"))
                .metadata("trained on", "weather"));
    ModelProto written = read(path);
    assertThat(operators(written))
        .containsExactly(
            "Transpose",
            "LSTM",
            "Squeeze",
            "LSTM",
            "Squeeze",
            "Transpose",
            "Gather",
            "Gemm",
            "Reshape");
    assertThat(written.getGraph().getNodeList().stream().map(NodeProto::getName))
        .contains("/lstm/LSTM", "/lstm/LSTM_1", "/fc/Gemm");
    assertThat(written.getGraph().getInitializerList().stream().map(each -> each.getName()))
        .contains("fc.weight", "fc.bias", "lstm.W_l0", "lstm.R_l1");
    assertThat(written.getMetadataProps(0).getValue()).isEqualTo("weather");
    assertThat(written.getGraph().getInput(0).getType().getTensorType().getShape().getDimList())
        .extracting(dim -> dim.getDimParam() + dim.getDimValue())
        .containsExactly("batch0", "time0", "5");
    assertThat(written.getGraph().getOutput(0).getType().getTensorType().getShape().getDimList())
        .extracting(dim -> dim.getDimParam())
        .containsExactly("batch");
  }

  @Test
  void should_fix_all_sizes_without_dynamic_axes() throws IOException {
    Weather model = new Weather();
    Path path = folder.resolve("model.onnx");
    Tensor x = Torch.randn(4, 10, 5);
    Onnx.export(model, List.of(x), path, o -> o.inputNames("x"));
    model.eval();
    assertSame(path, List.of(model.forward(x)), x);
    assertThatThrownBy(() -> assertSame(path, List.of(model.forward(x)), Torch.randn(3, 10, 5)))
        .hasMessageContaining("Got invalid dimensions for input: x");
  }

  @Test
  void should_leave_each_module_in_its_mode() throws IOException {
    Weather model = new Weather();
    model.train();
    model.dropout.eval();
    Onnx.export(model, List.of(Torch.randn(4, 10, 5)), folder.resolve("model.onnx"), o -> {});
    assertThat(model.isTraining()).isTrue();
    assertThat(model.lstm.isTraining()).isTrue();
    assertThat(model.dropout.isTraining()).isFalse();
  }

  @Test
  @SuppressWarnings("UnusedMethod") // the trace finds forward
  void should_export_a_tagger_with_two_outputs() throws IOException {
    Torch.manualSeed(2);
    Module model =
        new Module() {
          final Embedding embedding = register("embedding", new Embedding(20, 6));
          final LayerNorm norm = register("norm", new LayerNorm(6));
          final Linear fc = register("fc", new Linear(6, 3));

          List<Tensor> forward(Tensor tokens) {
            Tensor features = norm.forward(embedding.forward(tokens));
            Tensor scores = fc.forward(features).logSoftmax(-1);
            return List.of(scores, scores.argmax(-1));
          }
        };
    Path path = folder.resolve("tagger.onnx");
    Onnx.export(
        model,
        List.of(Torch.randint(20, new long[] {2, 5})),
        path,
        o ->
            o.inputNames("tokens")
                .outputNames("scores", "tags")
                .dynamicAxes("tokens", Map.of(0, "batch", 1, "time")));
    model.eval();
    for (long[] shape : new long[][] {{2, 5}, {1, 1}, {6, 13}}) {
      Tensor tokens = Torch.randint(20, shape);
      assertSame(path, Models.run(model, tokens), tokens);
    }
  }

  @Test
  @SuppressWarnings("UnusedMethod") // the trace finds forward
  void should_export_attention_for_any_batch_and_length() throws IOException {
    Torch.manualSeed(3);
    Module model =
        new Module() {
          final MultiheadAttention attention =
              register("attention", new MultiheadAttention(8, 2, o -> o.batchFirst(true)));

          Tensor forward(Tensor x) {
            return attention.forward(x, x, x).attnOutput();
          }
        };
    Path path = folder.resolve("attention.onnx");
    Onnx.export(
        model,
        List.of(Torch.randn(2, 4, 8)),
        path,
        o -> o.inputNames("x").dynamicAxes("x", Map.of(0, "batch", 1, "time")));
    model.eval();
    for (long[] shape : new long[][] {{2, 4, 8}, {1, 9, 8}, {5, 1, 8}}) {
      Tensor x = Torch.randn(shape);
      assertSame(path, Models.run(model, x), x);
    }
  }

  @Test
  void should_name_what_it_cannot_export() {
    Path path = folder.resolve("no.onnx");
    List<Tensor> x = List.of(Torch.randn(2, 3));
    assertThatThrownBy(() -> Onnx.export(Models.layer(Tensor::digamma), x, path, o -> {}))
        .isInstanceOf(OnnxExportException.class)
        .hasMessageMatching(
            "aten::digamma at Models\\.java:\\d+ cannot be exported to ONNX: there is no lowering"
                + " for this operator; give one with o\\.lowering\\(\"aten::digamma\", call ->"
                + " \\.\\.\\.\\)");
    Sequential model = new Sequential(new Linear(3, 3), new ReLU(), Models.hooked(Tensor::digamma));
    assertThatThrownBy(() -> Onnx.export(model, x, path, o -> {}))
        .isInstanceOf(OnnxExportException.class)
        .hasMessageMatching(
            "aten::digamma in module '2' at Models\\.java:\\d+ cannot be exported to ONNX: .*");
    assertThat(path).doesNotExist();
  }

  @Test
  void should_name_the_layer_where_no_line_of_the_program_calls_it() {
    Sequential model = new Sequential(new Linear(3, 3), new Hardshrink());
    assertThatThrownBy(() ->
            Onnx.export(
                model,
                List.of(Torch.randn(2, 3)),
                folder.resolve("no.onnx"),
                o ->
                    o.lowering(
                        "aten::hardshrink",
                        call -> {
                          throw call.refuse("a test");
                        })))
        .hasMessageMatching(
            "aten::hardshrink in module '1' at Hardshrink\\.java:\\d+ cannot be exported to ONNX: a"
                + " test");
  }

  @Test
  void should_take_a_lowering_of_the_users() throws IOException {
    Layer model = Models.layer(x -> x.atan2(x.exp()));
    Path path = folder.resolve("atan2.onnx");
    Tensor x = Torch.randn(2, 3);
    Onnx.export(
        model,
        List.of(x),
        path,
        o ->
            o.lowering(
                "aten::atan2",
                call -> {
                  OnnxValue ratio =
                      call.emit("Div", call.dtype(), call.rank(), call.tensor(0), call.tensor(1));
                  call.result(
                      call.emit(
                          "Atan", call.dtype(), call.rank(), ratio)); // for a positive divisor
                }));
    assertSame(path, List.of(model.forward(x)), x);
  }

  @Test
  @SuppressWarnings("UnusedMethod") // the trace finds forward
  void should_compute_at_export_what_depends_on_no_input() throws IOException {
    Module model =
        new Module() {
          final Tensor weight = registerParameter("weight", Torch.randn(3, 3));

          Tensor forward(Tensor x) {
            return x.matmul(weight.exp().add(weight.t()).tanh());
          }
        };
    Path path = folder.resolve("folded.onnx");
    Tensor x = Torch.randn(2, 3);
    Onnx.export(model, List.of(x), path, o -> {});
    assertThat(operators(read(path))).containsExactly("MatMul");
    assertSame(path, Models.run(model, x), x);
  }

  @Test
  void should_refuse_an_axis_that_cannot_vary() {
    Module model = new Sequential(new Linear(3, 2), new BatchNorm1d(2), new ReLU());
    assertThatThrownBy(() ->
            Onnx.export(
                model,
                List.of(Torch.randn(4, 3)),
                folder.resolve("no.onnx"),
                o -> o.inputNames("x").dynamicAxes("x", Map.of(1, "features"))))
        .isInstanceOf(OnnxExportException.class)
        .hasMessageStartingWith(
            "the axis 'features' cannot be dynamic: with one element more the trace fails.");
  }

  @Test
  void should_refuse_options_that_do_not_fit() {
    Module model = new Linear(3, 2);
    List<Tensor> x = List.of(Torch.randn(4, 3));
    Path path = folder.resolve("no.onnx");
    assertThatThrownBy(() -> Onnx.export(model, x, path, o -> o.opset(16)))
        .hasMessage("opset 16; from 17 to 23 are written");
    assertThatThrownBy(() ->
            Onnx.export(
                model, x, path, o -> o.inputNames("x").dynamicAxes("input", Map.of(0, "batch"))))
        .hasMessage("dynamicAxes names the input 'input'; the inputs are [x]");
    assertThatThrownBy(() ->
            Onnx.export(model, x, path, o -> o.inputNames("x").dynamicAxes("x", Map.of(2, "time"))))
        .hasMessage("dynamic axis 2 of 'x', which has 2 dimensions");
    assertThatThrownBy(() -> Onnx.export(model, x, path, o -> o.outputNames("a", "b")))
        .hasMessage("2 names were given for 1 outputs: [a, b]");
  }
}
