package dev.pantorch.quantization;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.PReLU;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StaticQuantizationTest {
  static final class Net extends Layer {
    final QuantStub quant = register("quant", new QuantStub());
    final Conv2d conv = register("conv", new Conv2d(1, 4, 3, o -> o.bias(false)));
    final BatchNorm2d bn = register("bn", new BatchNorm2d(4));
    final ReLU relu = register("relu", new ReLU());
    final Linear fc = register("fc", new Linear(4, 3));
    final FloatFunctional add = register("add", new FloatFunctional());
    final DeQuantStub dequant = register("dequant", new DeQuantStub());

    Net() {
      eval();
    }

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = relu.forward(bn.forward(conv.forward(quant.forward(input))));
      Tensor y = fc.forward(x.mean(new long[] {2, 3}));
      return dequant.forward(add.add(y, y));
    }
  }

  private static final List<Tensor> NOTHING = List.of();

  private static List<Tensor> batches() {
    return List.of(Torch.randn(8, 1, 6, 6), Torch.randn(8, 1, 6, 6));
  }

  private static void fused(StaticOptions o) {
    o.fuse("conv", "bn", "relu");
  }

  private static Net quantized(List<Tensor> batches) {
    Net net = Quantization.prepare_(new Net(), StaticQuantizationTest::fused);
    batches.forEach(net::forward);
    return Quantization.convert_(net);
  }

  @Test
  void should_quantize_a_copy() {
    Net model = new Net();
    List<Tensor> batches = batches();
    Tensor x = batches.getFirst();
    Tensor expected = model.forward(x);
    Net quantized =
        Quantization.quantize(
            model,
            Net::new,
            net -> batches.forEach(net::forward),
            o -> o.fuse("conv", "bn", "relu"));
    Tensor y = quantized.forward(x);
    // Outputs below 3 in 127 steps, those of the layers before no coarser.
    assertThat(y).isCloseTo(expected, 0, 0.1);
    assertThat(y.equal(expected)).isFalse();
    assertThat(model.forward(x)).isBitEqualTo(expected);
    assertThat(quantized.parameters()).isEmpty();
    assertThat(quantized.fc.weight().dtype()).isEqualTo(DType.QINT8);
    assertThat(quantized.conv.weight().dtype()).isEqualTo(DType.QINT8);
    assertThat(quantized.stateDict().keySet())
        .containsExactly(
            "quant.scale",
            "quant.zero_point",
            "conv.weight",
            "conv.bias",
            "conv.scale",
            "conv.zero_point",
            "fc.weight",
            "fc.bias",
            "fc.scale",
            "fc.zero_point",
            "add.scale",
            "add.zero_point");
  }

  @Test
  void should_compare_each_layer_with_its_float_twin() throws IOException {
    Net model = new Net();
    List<Tensor> batches = batches();
    Net quantized =
        Quantization.quantize(
            model, Net::new, net -> batches.forEach(net::forward), StaticQuantizationTest::fused);
    Tensor x = batches.getFirst();
    Comparison report = Quantization.compare(model, quantized, Net::forward, x);
    assertThat(report.layers())
        .extracting(Comparison.LayerError::path, Comparison.LayerError::layer)
        .containsExactly(
            tuple("quant", "Quantize"),
            tuple("conv", "QuantizedConvReLU2d"),
            tuple("fc", "QuantizedLinear"),
            tuple("add", "QFunctional"));
    // What comes in, and what a rectified convolution returns, by hand.
    Tensor bytes = quantized.quant.forward(x).dequantize();
    Comparison.LayerError first = report.layers().getFirst();
    assertThat(first.maxError()).isEqualTo(x.sub(bytes).abs().max().item());
    double ratio = x.norm().item() / x.sub(bytes).norm().item();
    assertThat(first.sqnr()).isCloseTo(20 * Math.log10(ratio), within(1e-4));
    Tensor floats = model.relu.forward(model.bn.forward(model.conv.forward(x)));
    Tensor rectified = quantized.conv.forward(quantized.quant.forward(x)).dequantize();
    assertThat(report.layers().get(1).maxError())
        .isCloseTo(floats.sub(rectified).abs().max().item(), within(1e-6));
    assertThat(report.latencies()).isEmpty();
  }

  @Test
  void should_save_and_load_without_a_difference(@TempDir Path folder) throws IOException {
    Net saved = quantized(batches());
    Path file = folder.resolve("net.pt");
    Torch.save(saved.stateDict(), file);
    Net loaded = quantized(NOTHING);
    Tensor x = Torch.randn(3, 1, 6, 6);
    assertThat(loaded.forward(x).equal(saved.forward(x))).isFalse();
    loaded.loadStateDict(Torch.load(file).stateDict());
    assertThat(loaded.forward(x)).isBitEqualTo(saved.forward(x));
    assertThat(loaded).hasToString(saved.toString());
    Net whole =
        Quantization.prepare_(
            new Net(), o -> o.fuse("conv", "bn", "relu").qconfig(QConfig.DEFAULT));
    Quantization.convert_(whole);
    assertThatThrownBy(() -> whole.loadStateDict(saved.stateDict()))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining(
            "scheme mismatch for fc.weight: the checkpoint is torch.per_channel_affine, the current"
                + " model torch.per_tensor_affine. Quantize the model with the observers that the"
                + " saved one had.");
  }

  @Test
  void should_trace_and_write_weights_as_bytes(@TempDir Path folder) throws IOException {
    Net net = quantized(batches());
    ScriptModule traced = Jit.trace(net, Torch.randn(2, 1, 6, 6));
    Path file = folder.resolve("net.pt");
    traced.save(file);
    ScriptModule loaded = Jit.load(file);
    Tensor x = Torch.randn(3, 1, 6, 6);
    assertThat(loaded.forward(x)).isBitEqualTo(net.forward(x));
    assertThat(loaded.stateDict().keySet()).noneMatch(key -> key.endsWith("weight"));
  }

  @Test
  void should_fuse_before_it_is_trained_no_more() {
    Net net = new Net();
    Tensor x = Torch.randn(3, 1, 6, 6);
    Tensor expected = net.forward(x);
    Quantization.fuseModules_(net, "conv", "bn", "relu");
    // The norm is taken into weights, so that sums come in another order.
    assertThat(net.forward(x)).isCloseTo(expected, 1e-5, 1e-6);
    assertThat(net.conv).hasToString("ConvReLU2d(1, 4, kernel_size=(3, 3), stride=(1, 1))");
    assertThat(net.bn).hasToString("Identity()");
    assertThat(net.stateDict().keySet())
        .containsExactly("conv.weight", "conv.bias", "fc.weight", "fc.bias");
    // Dynamically quantized, a fused layer goes on rectifying.
    Sequential layers = new Sequential(new Linear(5, 4), new ReLU());
    layers.eval();
    Tensor input = Torch.randn(3, 5);
    Sequential plain = new Sequential(new Linear(5, 4));
    plain.getSubmodule("0").loadStateDict(layers.getSubmodule("0").stateDict());
    Tensor rectified = Quantization.quantizeDynamic_(plain).forward(input).relu();
    Quantization.quantizeDynamic_(Quantization.fuseModules_(layers, "0", "1"));
    assertThat(layers.forward(input)).isBitEqualTo(rectified);
    assertThat(layers.getSubmodule("0").toString()).startsWith("DynamicQuantizedLinearReLU(");
  }

  @Test
  void should_leave_floats_where_no_configuration_is() {
    Net net =
        Quantization.prepare_(new Net(), o -> o.qconfig("fc", null).fuse("conv", "bn", "relu"));
    net.forward(batches().getFirst());
    Quantization.convert_(net);
    assertThat(net.namedParameters().keySet()).containsExactly("fc.weight", "fc.bias");
    Net types =
        Quantization.prepare_(
            new Net(), o -> o.qconfig(null).qconfig(Linear.class, QConfig.DEFAULT));
    assertThat(types.fc.namedChildren()).containsOnlyKeys("activation_post_process");
    assertThat(types.conv.namedChildren()).isEmpty();
  }

  @Test
  void should_run_hooks_before_and_after() {
    Net net = new Net();
    List<DType> seen = new ArrayList<>();
    net.conv.registerForwardHook((module, input, output) -> {
      seen.add(((Tensor) output).dtype());
      return null;
    });
    net.add.registerForwardHook((module, input, output) -> {
      seen.add(((Tensor) output).dtype());
      return null;
    });
    Quantization.prepare_(net);
    net.forward(batches().getFirst());
    Quantization.convert_(net);
    net.forward(batches().getFirst());
    assertThat(seen).containsExactly(DType.FLOAT32, DType.FLOAT32, DType.QUINT8, DType.QUINT8);
  }

  @Test
  void should_quantize_recurrent_layers_beside_dynamically() {
    class Both extends Module {
      final QuantStub quant = register("quant", new QuantStub());
      final Linear in = register("in", new Linear(3, 4));
      final DeQuantStub dequant = register("dequant", new DeQuantStub());
      final LSTM lstm = register("lstm", new LSTM(4, 5));

      Tensor forward(Tensor x) {
        return lstm.forward(dequant.forward(in.forward(quant.forward(x)))).output();
      }
    }
    Both both = new Both();
    both.eval();
    Tensor x = Torch.randn(6, 2, 3);
    Tensor expected = both.forward(x);
    Quantization.quantizeDynamic_(both, o -> o.types(LSTM.class));
    Quantization.prepare_(both);
    both.forward(x);
    Quantization.convert_(both);
    // States are below 1, in bytes.
    assertThat(both.forward(x)).isCloseTo(expected, 0, 0.05);
    assertThat(both.parameters()).isEmpty();
  }

  @Test
  void should_quantize_slopes_with_one_in_their_range() {
    PReLU slope = new PReLU(o -> o.init(0.3));
    QuantWrapper model = new QuantWrapper(slope);
    model.eval();
    Tensor x = Torch.tensor(new float[] {-2, -1, 0, 1, 2});
    Tensor expected = model.forward(x);
    Quantization.prepare_(model, o -> o.qconfig(QConfig.DEFAULT_QUINT8_WEIGHT));
    model.forward(x);
    Quantization.convert_(model);
    // Inputs in steps of 4 / 255, slopes of 1 / 255.
    assertThat(model.forward(x)).isCloseTo(expected, 0, 0.02);
  }
}
