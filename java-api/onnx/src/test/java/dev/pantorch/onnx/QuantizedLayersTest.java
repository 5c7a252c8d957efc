package dev.pantorch.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.Node;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.BatchNorm3d;
import dev.pantorch.nn.Conv1d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.Conv3d;
import dev.pantorch.nn.ELU;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.Hardswish;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LSTMCell;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.LeakyReLU;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.RNNCell;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.Sigmoid;
import dev.pantorch.nn.Tanh;
import dev.pantorch.nn.utils.rnn.Rnn;
import dev.pantorch.quantization.DeQuantStub;
import dev.pantorch.quantization.FloatFunctional;
import dev.pantorch.quantization.QuantStub;
import dev.pantorch.quantization.Quantization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QuantizedLayersTest {
  @TempDir Path folder;

  /// Layers between stubs.
  record Layers(String name, Supplier<Layer> make, List<Long> shape, boolean isFused) {
    @Override
    public String toString() {
      return name;
    }

    Tensor input() {
      return Torch.randn(shape.stream().mapToLong(Long::longValue).toArray());
    }

    Net quantized() {
      Torch.manualSeed(1);
      Tensor x = input();
      return Quantization.quantize(
          new Net(make.get()),
          () -> new Net(make.get()),
          net -> net.forward(x),
          o -> {
            if (isFused) o.fuse("layer.0", "layer.1");
          });
    }
  }

  static final class Net extends Module {
    private final QuantStub quant = register("quant", new QuantStub());
    private final Layer layer;
    private final DeQuantStub dequant = register("dequant", new DeQuantStub());

    Net(Layer layer) {
      this.layer = register("layer", layer);
    }

    Tensor forward(Tensor x) {
      return dequant.forward(layer.forward(quant.forward(x)));
    }
  }

  /// Sums and products that have a scale.
  private static final class Functions extends Layer {
    private final FloatFunctional add = register("add", new FloatFunctional());
    private final FloatFunctional addRelu = register("add_relu", new FloatFunctional());
    private final FloatFunctional mul = register("mul", new FloatFunctional());
    private final FloatFunctional cat = register("cat", new FloatFunctional());

    @Override
    public Tensor forward(Tensor x) {
      Tensor sum = add.add(x, addRelu.addRelu(x, x));
      return cat.cat(List.of(sum, mul.mul(x, sum)), 1);
    }
  }

  private static Layers of(String name, Supplier<Layer> make, Long... shape) {
    return new Layers(name, make, List.of(shape), false);
  }

  private static Layers fused(String name, Supplier<Layer> make, Long... shape) {
    return new Layers(
        name + " and ReLU", () -> new Sequential(make.get(), new ReLU()), List.of(shape), true);
  }

  static Stream<Layers> layers() {
    return Stream.of(
        of("Linear", () -> new Linear(5, 3), 4L, 5L),
        of("Linear of steps", () -> new Linear(5, 3), 4L, 6L, 5L),
        fused("Linear", () -> new Linear(5, 3), 4L, 5L),
        of("Conv1d", () -> new Conv1d(2, 4, 3, o -> o.stride(2).padding(1)), 2L, 2L, 9L),
        fused("Conv1d", () -> new Conv1d(2, 4, 3), 2L, 2L, 9L),
        of("Conv2d", () -> new Conv2d(2, 4, 3, o -> o.groups(2).dilation(2)), 2L, 2L, 9L, 9L),
        fused("Conv2d", () -> new Conv2d(2, 4, 3), 2L, 2L, 9L, 9L),
        of("Conv3d", () -> new Conv3d(2, 4, 3), 2L, 2L, 5L, 5L, 5L),
        fused("Conv3d", () -> new Conv3d(2, 4, 3), 2L, 2L, 5L, 5L, 5L),
        of("BatchNorm2d", () -> new BatchNorm2d(3), 2L, 3L, 4L, 4L),
        fused("BatchNorm2d", () -> new BatchNorm2d(3), 2L, 3L, 4L, 4L),
        of("BatchNorm3d", () -> new BatchNorm3d(3), 2L, 3L, 4L, 4L, 4L),
        fused("BatchNorm3d", () -> new BatchNorm3d(3), 2L, 3L, 4L, 4L, 4L),
        of("LayerNorm", () -> new LayerNorm(5), 4L, 5L),
        of("ELU", () -> new ELU(), 4L, 5L),
        of("Hardswish", () -> new Hardswish(), 4L, 5L),
        of("LeakyReLU", () -> new LeakyReLU(0.2), 4L, 5L),
        of("Sigmoid, Tanh", () -> new Sequential(new Tanh(), new Sigmoid()), 4L, 5L),
        of("sums and products", Functions::new, 4L, 5L));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void should_export_layers_that_are_quantized_statically(Layers each) throws IOException {
    Net net = each.quantized();
    // A step of the output's scale, where rounding differs: they have some 127 or 255 in a range of
    // a few units.
    OnnxReport report =
        Onnx.export(
            net,
            List.of(each.input()),
            folder.resolve("model.onnx"),
            o -> o.verify(v -> v.tolerance(0.05).inputs(each.input())));
    assertThat(report.operators()).containsKeys("QuantizeLinear", "DequantizeLinear");
  }

  /// One of each kind that is quantized dynamically.
  @SuppressWarnings("UnusedMethod") // the trace finds forward
  private static final class Dynamic extends Module {
    private final LSTM lstm = register("lstm", new LSTM(4, 6, o -> o.batchFirst(true)));
    private final GRU gru =
        register("gru", new GRU(6, 6, o -> o.batchFirst(true).bidirectional(true)));
    private final LSTMCell lstmCell = register("lstm_cell", new LSTMCell(12, 5));
    private final GRUCell gruCell = register("gru_cell", new GRUCell(5, 5));
    private final RNNCell tanhCell = register("tanh_cell", new RNNCell(5, 5));
    private final RNNCell reluCell =
        register("relu_cell", new RNNCell(5, 5, o -> o.nonlinearity(RNN.Nonlinearity.RELU)));
    private final Linear fc = register("fc", new Linear(5, 3));

    Tensor forward(Tensor x, Tensor lengths) {
      var read = lstm.forward(Rnn.packPaddedSequence(x, lengths, true, false)).output();
      Tensor steps = Rnn.padPackedSequence(gru.forward(read).output(), true).output();
      Tensor h = gruCell.forward(lstmCell.forward(steps.select(1, 0)).h());
      return fc.forward(reluCell.forward(tanhCell.forward(h)));
    }
  }

  private static Dynamic dynamic(DType dtype) {
    Torch.manualSeed(2);
    Dynamic model = Quantization.quantizeDynamic_(new Dynamic(), o -> o.dtype(dtype));
    model.eval();
    return model;
  }

  @Test
  void should_export_packed_sequences_through_dynamically_quantized_layers() throws IOException {
    for (DType dtype : List.of(DType.QINT8, DType.FLOAT16)) {
      OnnxReport report =
          Onnx.export(
              dynamic(dtype),
              List.of(Torch.randn(3, 6, 4), Torch.tensor(2L, 6L, 3L)),
              folder.resolve("model.onnx"),
              o ->
                  o.inputNames("x", "lengths")
                      .dynamicAxes("x", Map.of(0, "batch", 1, "time"))
                      .dynamicAxes("lengths", Map.of(0, "batch"))
                      .verify(v ->
                          v.tolerance(dtype == DType.FLOAT16 ? 1e-5 : 0.02)
                              .inputs(Torch.randn(2, 9, 4), Torch.tensor(9L, 4L))));
      assertThat(report.operators())
          .containsKey(dtype == DType.FLOAT16 ? "Cast" : "DynamicQuantizeLSTM");
    }
  }

  @Test
  void should_test_each_quantized_operator_that_it_knows() {
    Set<String> known = new TreeSet<>();
    for (String name : Lowerings.all().keySet()) {
      if (name.contains("quant")) known.add(name);
    }
    for (Layers each : layers().toList()) {
      remove(known, each.quantized(), each.input());
    }
    for (DType dtype : List.of(DType.QINT8, DType.FLOAT16)) {
      remove(known, dynamic(dtype), Torch.randn(3, 6, 4), Torch.tensor(2L, 6L, 3L));
    }
    assertThat(known).as("quantized operators that no layer calls").isEmpty();
  }

  private static void remove(Set<String> known, Module model, Object... inputs) {
    Jit.trace(model, o -> o.checkTrace(false).dynamicSizes(false), inputs)
        .inlinedGraph()
        .nodes()
        .stream()
        .map(Node::kind)
        .forEach(known::remove);
  }
}
