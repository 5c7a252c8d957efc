package dev.pantorch.onnx;

import static dev.pantorch.onnx.OnnxRuntime.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.AdaptiveAvgPool1d;
import dev.pantorch.nn.AdaptiveAvgPool2d;
import dev.pantorch.nn.AvgPool1d;
import dev.pantorch.nn.AvgPool2d;
import dev.pantorch.nn.AvgPool3d;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv1d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.Conv3d;
import dev.pantorch.nn.ConvTranspose1d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.ConvTranspose3d;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MaxPool1d;
import dev.pantorch.nn.MaxPool2d;
import dev.pantorch.nn.MaxPool3d;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LoweringTest {
  @TempDir Path folder;

  static Stream<Arguments> layers() {
    return Stream.of(
        Arguments.of(
            new Sequential(
                new Conv2d(1, 4, 3, o -> o.padding(1)),
                new BatchNorm2d(4),
                new ReLU(true),
                new MaxPool2d(2),
                new Conv2d(4, 6, 3, o -> o.stride(2).groups(2)),
                new AvgPool2d(2, o -> o.stride(1).padding(1)),
                new Flatten(),
                new Linear(54, 3)),
            new long[] {2, 1, 12, 12}),
        Arguments.of(
            new Sequential(new ConvTranspose2d(2, 3, 3, o -> o.stride(2).outputPadding(1))),
            new long[] {2, 2, 5, 5}),
        Arguments.of(
            new Sequential(new Conv2d(2, 3, 3), new AdaptiveAvgPool2d(1)), new long[] {2, 2, 5, 5}),
        Arguments.of(
            new Sequential(
                new Conv3d(1, 2, 2),
                new MaxPool3d(2),
                new ConvTranspose3d(2, 1, 2),
                new AvgPool3d(2, o -> o.countIncludePad(false).padding(1))),
            new long[] {2, 1, 5, 6, 7}),
        Arguments.of(
            new Sequential(
                new MaxPool1d(2),
                new ConvTranspose1d(2, 3, 2),
                new AvgPool1d(2),
                new AdaptiveAvgPool1d(1)),
            new long[] {2, 2, 9}),
        Arguments.of(
            new Sequential(new Conv1d(4, 3, 3, o -> o.dilation(2)), new LayerNorm(5)),
            new long[] {2, 4, 9}),
        Arguments.of(
            new Sequential(new Linear(5, 4, o -> o.bias(false)), new BatchNorm1d(4)),
            new long[] {2, 5}));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void should_export_layers_for_any_batch(Layer model, long[] shape) throws IOException {
    Torch.manualSeed(1);
    Path path = folder.resolve("model.onnx");
    try (var mode = Torch.noGrad()) {
      // Running statistics other than 0 and 1.
      model.train();
      model.forward(Torch.randn(shape).mul(2).add(1));
      Onnx.export(
          model,
          List.of(Torch.randn(shape)),
          path,
          o -> o.inputNames("x").dynamicAxes("x", Map.of(0, "batch")));
      model.eval();
      for (long batch : new long[] {2, 1, 7}) {
        long[] other = shape.clone();
        other[0] = batch;
        Tensor x = Torch.randn(other);
        assertSame(path, List.of(model.forward(x)), x);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM, 1, false, true, true", "LSTM, 2, true, true, true", "LSTM, 2, true, false, false",
    "GRU, 1, false, true, true", "GRU, 2, true, true, false", "GRU, 2, false, false, true",
    "RNN, 1, true, true, true", "RNN, 2, false, false, false"
  })
  void should_export_recurrent_layers(
      String kind, int layers, boolean bidirectional, boolean batchFirst, boolean bias)
      throws IOException {
    Torch.manualSeed(1);
    Module model = recurrent(kind, layers, bidirectional, batchFirst, bias);
    int batchAxis = batchFirst ? 0 : 1;
    Map<Integer, String> axes = Map.of(batchAxis, "batch", 1 - batchAxis, "time");
    int states = layers * (bidirectional ? 2 : 1);
    for (boolean isGiven : new boolean[] {false, true}) {
      Path path = folder.resolve("model" + isGiven + ".onnx");
      for (long[] size : new long[][] {{3, 6}, {1, 6}, {4, 1}, {2, 11}}) {
        long batch = size[0];
        long time = size[1];
        Tensor x = batchFirst ? Torch.randn(batch, time, 4) : Torch.randn(time, batch, 4);
        Tensor state = Torch.randn(states, batch, 5);
        Tensor[] inputs = isGiven ? new Tensor[] {x, state} : new Tensor[] {x};
        if (batch == 3) {
          Onnx.export(
              model,
              List.of(inputs),
              path,
              o -> {
                o.inputNames(isGiven ? new String[] {"x", "state"} : new String[] {"x"});
                o.dynamicAxes("x", axes);
                if (isGiven) o.dynamicAxes("state", Map.of(1, "batch"));
              });
        }
        model.eval();
        assertSame(path, Models.run(model, inputs), inputs);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // the trace finds them
  private static Module recurrent(
      String kind, int layers, boolean bidirectional, boolean batchFirst, boolean bias) {
    return switch (kind) {
      case "LSTM" ->
          new Module() {
            final LSTM lstm =
                register(
                    "lstm",
                    new LSTM(
                        4,
                        5,
                        o ->
                            o.numLayers(layers)
                                .bidirectional(bidirectional)
                                .batchFirst(batchFirst)
                                .bias(bias)));

            List<Tensor> forward(Tensor x) {
              LSTM.Output out = lstm.forward(x);
              return List.of(out.output(), out.state().h(), out.state().c());
            }

            List<Tensor> forward(Tensor x, Tensor state) {
              LSTM.Output out = lstm.forward(x, new LSTM.State(state, state.neg()));
              return List.of(out.output(), out.state().h(), out.state().c());
            }
          };
      case "GRU" ->
          new Module() {
            final GRU gru =
                register(
                    "gru",
                    new GRU(
                        4,
                        5,
                        o ->
                            o.numLayers(layers)
                                .bidirectional(bidirectional)
                                .batchFirst(batchFirst)
                                .bias(bias)));

            List<Tensor> forward(Tensor x) {
              GRU.Output out = gru.forward(x);
              return List.of(out.output(), out.state().h());
            }

            List<Tensor> forward(Tensor x, Tensor state) {
              GRU.Output out = gru.forward(x, new GRU.State(state));
              return List.of(out.output(), out.state().h());
            }
          };
      default ->
          new Module() {
            final RNN rnn =
                register(
                    "rnn",
                    new RNN(
                        4,
                        5,
                        o ->
                            o.numLayers(layers)
                                .bidirectional(bidirectional)
                                .batchFirst(batchFirst)
                                .bias(bias)
                                .nonlinearity(
                                    bias ? RNN.Nonlinearity.TANH : RNN.Nonlinearity.RELU)));

            List<Tensor> forward(Tensor x) {
              RNN.Output out = rnn.forward(x);
              return List.of(out.output(), out.state().h());
            }

            List<Tensor> forward(Tensor x, Tensor state) {
              RNN.Output out = rnn.forward(x, new RNN.State(state));
              return List.of(out.output(), out.state().h());
            }
          };
    };
  }

  static Stream<Function<Tensor, Tensor>> views() {
    return Stream.of(y -> y.select(0, 0), y -> y.chunk(2, 0).get(1), y -> y.view(-1));
  }

  @ParameterizedTest
  @MethodSource("views")
  void should_refuse_to_change_in_place_what_others_see(Function<Tensor, Tensor> view) {
    Layer model =
        Models.layer(x -> {
          Tensor y = x.mul(2);
          view.apply(y).add_(1);
          return y;
        });
    assertThatThrownBy(() ->
            Onnx.export(model, List.of(Torch.randn(2, 3)), folder.resolve("no.onnx"), o -> {}))
        .isInstanceOf(OnnxExportException.class)
        .hasMessageStartingWith("aten::add_ at LoweringTest.java:")
        .hasMessageEndingWith(
            "it changes in place a tensor that others share memory with; use the operator without"
                + " the underscore");
    assertThat(folder).isEmptyDirectory();
  }
}
