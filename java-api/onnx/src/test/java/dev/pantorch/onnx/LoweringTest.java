package dev.pantorch.onnx;

import static dev.pantorch.onnx.OnnxRuntime.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
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
import dev.pantorch.nn.ELU;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.GELU;
import dev.pantorch.nn.GLU;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.Hardsigmoid;
import dev.pantorch.nn.Hardswish;
import dev.pantorch.nn.Hardtanh;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.LeakyReLU;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.LogSigmoid;
import dev.pantorch.nn.MaxPool1d;
import dev.pantorch.nn.MaxPool2d;
import dev.pantorch.nn.MaxPool3d;
import dev.pantorch.nn.Mish;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.ReLU6;
import dev.pantorch.nn.SELU;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.SiLU;
import dev.pantorch.nn.Softplus;
import dev.pantorch.nn.Softsign;
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

  private static Arguments of(String name, Function<Tensor, Tensor> function) {
    return Arguments.of(name, function);
  }

  /// Functions of a tensor of shape (batch, time, 4).
  static Stream<Arguments> functions() {
    return Stream.of(
        of("abs", x -> x.abs()),
        of("acos", x -> x.tanh().acos()),
        of("acosh", x -> x.abs().add(1.5).acosh()),
        of("asin", x -> x.tanh().asin()),
        of("asinh", x -> x.asinh()),
        of("atan", x -> x.atan()),
        of("atanh", x -> x.tanh().mul(0.5).atanh()),
        of("ceil, floor", x -> x.ceil().add(x.floor())),
        of("cos, sin", x -> x.cos().sub(x.sin(), 0.5)),
        of("cosh, sinh", x -> x.tanh().cosh().add(x.tanh().sinh())),
        of("tan", x -> x.tanh().tan()),
        of("erf", x -> x.erf()),
        of("exp, log", x -> x.exp().add(1).log()),
        of("neg, reciprocal", x -> x.abs().add(1).reciprocal().neg()),
        of("sign, sqrt, rsqrt", x -> x.sign().mul(x.abs().sqrt()).add(x.abs().add(1).rsqrt())),
        of("square, pow", x -> x.square().add(x.pow(3))),
        of("rsub", x -> Torch.rsub(x, 2)),
        of("div", x -> x.div(3).add(x.div(0.7, "floor"))),
        of("minimum, maximum", x -> x.minimum(x.neg()).add(x.maximum(x.mul(2)))),
        of("eq", x -> x.gt(0).eq(x.lt(1))),
        of("ne, le, ge", x -> x.le(0.5).ne(x.ge(-0.5))),
        of(
            "logical",
            x -> x.gt(0).logicalAnd(x.lt(1)).logicalOr(x.gt(2)).logicalXor(x.lt(-1)).logicalNot()),
        of("isnan", x -> x.log().isnan()),
        of("where, masked_fill", x -> Torch.where(x.gt(0), x, x.mul(2)).maskedFill(x.lt(-1), 7)),
        of("clamp", x -> x.clamp(-0.5, 0.5).add(x.clampMin(0)).add(x.clampMax(0.1))),
        of("whole numbers", x -> x.gt(0).sum(-1).add(1).floor().div(2).mul(3)),
        of("comparison of dtypes", x -> x.to(DType.INT64).gt(0.5)),
        of("relu, relu6", x -> x.relu().add(new ReLU6().forward(x.mul(4)))),
        of("sigmoid", x -> x.sigmoid()),
        of("silu", x -> new SiLU().forward(x)),
        of("mish", x -> new Mish().forward(x)),
        of("gelu", x -> new GELU().forward(x)),
        of("glu", x -> new GLU().forward(x)),
        of("elu", x -> new ELU(1.3).forward(x)),
        of("selu", x -> new SELU().forward(x)),
        of("leaky_relu", x -> new LeakyReLU(0.2).forward(x)),
        of(
            "hardswish, hardsigmoid",
            x -> new Hardswish().forward(x.mul(3)).add(new Hardsigmoid().forward(x.mul(3)))),
        of("hardtanh", x -> new Hardtanh(-0.5, 0.7).forward(x)),
        of("softplus, softsign", x -> new Softplus().forward(x).add(new Softsign().forward(x))),
        of("log_sigmoid", x -> new LogSigmoid().forward(x)),
        of("softmax", x -> x.softmax(-1).add(x.softmax(1))),
        of("log_softmax", x -> x.logSoftmax(2)),
        of("sum", x -> x.sum(1).add(x.sum())),
        of("mean", x -> x.mean(new long[] {0, 2}, true).add(x.mean())),
        of("amax, amin", x -> x.amax(-1).add(x.amin(-1))),
        of("max, min", x -> x.max().sub(x.min())),
        of("max of a dim", x -> x.max(1).values()),
        of("position of max", x -> x.max(1).indices()),
        of("argmax, argmin", x -> x.argmax(1).add(x.argmin(1)).add(x.argmax())),
        of("logsumexp", x -> x.logsumexp(2)),
        of("cumsum", x -> x.cumsum(1)),
        of("view", x -> x.view(x.size(0) * x.size(1), 4)),
        of("view of two sizes", x -> x.transpose(0, 1).reshape(x.size(1), x.size(0), 2, 2)),
        of("flatten", x -> x.flatten(0, 1)),
        of("flatten to the end", x -> x.flatten(1)),
        of("unflatten", x -> x.unflatten(2, 2, 2)),
        of("permute", x -> x.permute(2, 0, 1)),
        of("unsqueeze, squeeze", x -> x.unsqueeze(1).mul(2).squeeze(1)),
        of("cat", x -> Torch.cat(List.of(x, x.neg()), 1)),
        of("stack", x -> Torch.stack(List.of(x, x.neg()), -1)),
        of("select", x -> x.select(1, -1).add(x.select(1, 0))),
        of("slice", x -> x.slice(2, 1L, 4L, 2)),
        of("narrow", x -> x.narrow(1, x.size(1) - 1, 1)),
        of("index_select", x -> x.indexSelect(2, Torch.tensor(2L, 0L))),
        of("gather", x -> x.gather(1, x.argmax(1, true))),
        of("expand", x -> x.mean(new long[] {2}, true).expand(-1, -1, 3)),
        of("chunk", x -> x.chunk(2, 2).get(1)),
        of("split", x -> x.split(3, 2).get(1)),
        of("unbind", x -> x.unbind(2).get(2)),
        of("flip", x -> x.flip(1, 2)),
        of("arange", x -> Torch.arange(x.size(1)).add(Torch.arange(2, x.size(1) + 2))),
        of("zeros, ones", x -> Torch.ones(x.size(0), 2).add(Torch.zerosLike(x.sum(1, true)).sum())),
        of("full", x -> Torch.full(new long[] {x.size(1)}, 2.5)),
        of("bmm", x -> x.bmm(x.transpose(1, 2))),
        of("matmul", x -> x.matmul(x.select(0, 0).t())),
        of(
            "mm, mv",
            x ->
                x.select(1, 0)
                    .mm(x.select(1, 0).t())
                    .add(x.select(1, 0).mv(x.mean(new long[] {0, 1})))),
        of(
            "addmm",
            x ->
                Torch.addmm(
                    x.select(0, 0).sum(0),
                    x.select(1, 0),
                    x.select(1, 0).t().mm(x.select(1, 0)),
                    0.5,
                    2)),
        of("baddbmm", x -> Torch.baddbmm(x.sum(2, true), x, x.transpose(1, 2), 0.5, 2)),
        of("like", x -> Torch.onesLike(x).add(Torch.fullLike(x, 2)).add(x.newZeros(4))),
        of("split by sizes", x -> x.splitWithSizes(new long[] {1, 3}, 2).get(1)),
        of("attention", x -> Functional.scaledDotProductAttention(x, x.neg(), x.mul(2))),
        of(
            "attention with a mask",
            x ->
                Functional.scaledDotProductAttention(
                    x, x, x, x.bmm(x.transpose(1, 2)).gt(0).logicalNot(), 0, false, 0.3, false)),
        of("in place", x -> x.add(1).mul_(2).relu_()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void should_compute_the_same(String name, Function<Tensor, Tensor> function) throws IOException {
    Torch.manualSeed(1);
    Layer model = Models.layer(function);
    for (int opset : new int[] {17, 20}) {
      Path path = folder.resolve("model.onnx");
      Onnx.export(
          model,
          List.of(Torch.randn(2, 3, 4)),
          path,
          o -> o.opset(opset).inputNames("x").dynamicAxes("x", Map.of(0, "batch", 1, "time")));
      for (long[] shape : new long[][] {{2, 3, 4}, {1, 7, 4}, {5, 2, 4}}) {
        Tensor x = Torch.randn(shape);
        assertSame(path, List.of(function.apply(x)), x);
      }
    }
  }

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
