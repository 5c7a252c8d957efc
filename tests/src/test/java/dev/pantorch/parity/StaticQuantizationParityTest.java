package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.io.Checkpoint;
import dev.pantorch.nn.AdaptiveAvgPool2d;
import dev.pantorch.nn.AvgPool2d;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.BatchNorm3d;
import dev.pantorch.nn.Conv1d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.Conv3d;
import dev.pantorch.nn.ConvTranspose1d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.ConvTranspose3d;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.ELU;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.GroupNorm;
import dev.pantorch.nn.Hardswish;
import dev.pantorch.nn.Hardtanh;
import dev.pantorch.nn.InstanceNorm1d;
import dev.pantorch.nn.InstanceNorm2d;
import dev.pantorch.nn.InstanceNorm3d;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.LeakyReLU;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MaxPool2d;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.PReLU;
import dev.pantorch.nn.PaddingMode;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.ReLU6;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.Sigmoid;
import dev.pantorch.nn.Tanh;
import dev.pantorch.quantization.DeQuantStub;
import dev.pantorch.quantization.FixedQParamsObserver;
import dev.pantorch.quantization.FloatFunctional;
import dev.pantorch.quantization.HistogramObserver;
import dev.pantorch.quantization.MinMaxObserver;
import dev.pantorch.quantization.MovingAverageMinMaxObserver;
import dev.pantorch.quantization.MovingAveragePerChannelMinMaxObserver;
import dev.pantorch.quantization.ObserverBase;
import dev.pantorch.quantization.PerChannelMinMaxObserver;
import dev.pantorch.quantization.QConfig;
import dev.pantorch.quantization.QScheme;
import dev.pantorch.quantization.QuantStub;
import dev.pantorch.quantization.QuantWrapper;
import dev.pantorch.quantization.Quantization;
import dev.pantorch.quantization.QuantizationEngine;
import dev.pantorch.quantization.QuantizedNet;
import dev.pantorch.quantization.StaticOptions;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What Python's observers see, and what its eager mode makes of layers and models: scales, bytes,
/// text and outputs, as in `static_quantization.py`.
class StaticQuantizationParityTest {
  private static final TensorFile TENSORS = Fixtures.tensors("static_quantization.safetensors");

  // Python prints the first argument of InstanceNorm as momentum, and PReLU without a number.
  private static final Set<String> OTHER_TEXT =
      Set.of("instance_norm1d", "instance_norm2d", "instance_norm3d", "prelu");

  private static final QConfig X86 = QConfig.getDefault(QuantizationEngine.X86);

  private static Map<String, Supplier<ObserverBase>> observers() {
    Map<String, Supplier<ObserverBase>> all = new LinkedHashMap<>();
    all.put("min_max", MinMaxObserver::new);
    all.put(
        "min_max_symmetric",
        () -> new MinMaxObserver(o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC)));
    all.put(
        "min_max_symmetric_unsigned",
        () -> new MinMaxObserver(o -> o.qscheme(QScheme.PER_TENSOR_SYMMETRIC)));
    all.put(
        "min_max_symmetric_range",
        () ->
            new MinMaxObserver(
                o -> o.qscheme(QScheme.PER_TENSOR_SYMMETRIC).quantMin(0).quantMax(127)));
    all.put("min_max_reduced", () -> new MinMaxObserver(o -> o.reduceRange(true)));
    all.put(
        "min_max_range_reduced",
        () ->
            new MinMaxObserver(
                o -> o.dtype(DType.QINT8).quantMin(-100).quantMax(101).reduceRange(true)));
    all.put("min_max_wide", () -> new MinMaxObserver(o -> o.dtype(DType.QINT32)));
    all.put("min_max_eps", () -> new MinMaxObserver(o -> o.eps(1)));
    all.put("moving", MovingAverageMinMaxObserver::new);
    all.put(
        "moving_signed",
        () -> new MovingAverageMinMaxObserver(o -> o.averagingConstant(0.3).dtype(DType.QINT8)));
    all.put("channels", PerChannelMinMaxObserver::new);
    all.put(
        "channels_symmetric",
        () ->
            new PerChannelMinMaxObserver(
                o -> o.chAxis(1).dtype(DType.QINT8).qscheme(QScheme.PER_CHANNEL_SYMMETRIC)));
    all.put("channels_float", QConfig.FLOAT_QPARAMS_WEIGHT_ONLY.weight()::get);
    all.put("channels_float_4bit", QConfig.FLOAT_QPARAMS_WEIGHT_ONLY_4BIT.weight()::get);
    all.put(
        "moving_channels",
        () -> new MovingAveragePerChannelMinMaxObserver(o -> o.averagingConstant(0.1).chAxis(2)));
    all.put("histogram", HistogramObserver::new);
    all.put("histogram_reduced", () -> new HistogramObserver(o -> o.reduceRange(true)));
    all.put(
        "histogram_signed",
        () ->
            new HistogramObserver(
                o -> o.bins(64).dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC)));
    all.put("fixed", () -> new FixedQParamsObserver(2 / 256.0, 128));
    return all;
  }

  @TestFactory
  Stream<DynamicTest> should_observe_what_python_observes() {
    return observers().entrySet().stream()
        .map(each -> dynamicTest(each.getKey(), () -> observe(each.getKey(), each.getValue())));
  }

  private static void observe(String name, Supplier<ObserverBase> make) {
    ObserverBase observer = make.get();
    for (int i = 0; i < 3; i++) {
      Tensor seen = TENSORS.tensor("seen." + i);
      assertThat(observer.forward(seen)).isSameAs(seen);
    }
    String prefix = "observer." + name;
    ObserverBase.QParams parameters = observer.calculateQParams();
    assertThat(parameters.scale()).isBitEqualTo(TENSORS.tensor(prefix + ".scale"));
    assertThat(parameters.zeroPoint()).isBitEqualTo(TENSORS.tensor(prefix + ".zero_point"));
    Map<String, Tensor> state = observer.stateDict();
    state.forEach((key, value) ->
        assertThat(value).as(key).isBitEqualTo(TENSORS.tensor(prefix + ".state." + key)));
    // State goes into a fresh one, of as many channels.
    ObserverBase other = make.get();
    other.loadStateDict(state);
    assertThat(other.calculateQParams().scale()).isBitEqualTo(parameters.scale());
  }

  /// A layer or several, what is fused of them and how they are quantized.
  private record Case(Supplier<List<Layer>> layers, int fused, QConfig qconfig) {}

  private static Case plain(Supplier<Layer> layer) {
    return new Case(() -> List.of(layer.get()), 0, X86);
  }

  private static Case fused(Supplier<List<Layer>> layers) {
    return new Case(layers, layers.get().size(), X86);
  }

  private static Map<String, Case> layers() {
    Map<String, Case> all = new LinkedHashMap<>();
    Supplier<Layer> linear = () -> new Linear(6, 4);
    all.put("linear", plain(linear));
    all.put("linear_plain", plain(() -> new Linear(6, 4, o -> o.bias(false))));
    all.put("linear_relu", fused(() -> List.of(new Linear(6, 4), new ReLU())));
    all.put(
        "linear_bn",
        fused(() -> List.of(new Linear(6, 4, o -> o.bias(false)), new BatchNorm1d(4))));
    all.put("linear_tensor", new Case(() -> List.of(linear.get()), 0, QConfig.DEFAULT));
    all.put(
        "linear_tensor_range",
        new Case(
            () -> List.of(linear.get()),
            0,
            new QConfig(
                X86.activation(),
                () ->
                    new MinMaxObserver(o ->
                        o.dtype(DType.QINT8)
                            .qscheme(QScheme.PER_TENSOR_SYMMETRIC)
                            .quantMin(-127)
                            .quantMax(127)
                            .eps(0x1p-12)))));
    all.put(
        "linear_channels_range",
        new Case(
            () -> List.of(linear.get()),
            0,
            new QConfig(
                X86.activation(),
                () ->
                    new PerChannelMinMaxObserver(o ->
                        o.dtype(DType.QINT8)
                            .qscheme(QScheme.PER_CHANNEL_SYMMETRIC)
                            .quantMin(-127)
                            .quantMax(127)
                            .eps(0x1p-12)))));
    all.put("conv1d", plain(() -> new Conv1d(3, 4, 3, o -> o.stride(2).padding(1))));
    all.put(
        "conv1d_reflect",
        plain(() -> new Conv1d(3, 4, 3, o -> o.padding(2).paddingMode(PaddingMode.REFLECT))));
    all.put(
        "conv1d_bn_relu",
        fused(() -> List.of(new Conv1d(3, 4, 3), new BatchNorm1d(4), new ReLU())));
    all.put(
        "conv2d", plain(() -> new Conv2d(4, 6, 3, o -> o.stride(2, 1).padding(1, 0).groups(2))));
    all.put(
        "conv2d_reflect",
        plain(() ->
            new Conv2d(3, 4, 3, o -> o.padding(1).paddingMode(PaddingMode.REFLECT).bias(false))));
    all.put(
        "conv2d_relu", fused(() -> List.of(new Conv2d(3, 4, 3, o -> o.dilation(2)), new ReLU())));
    all.put("conv2d_bn", fused(() -> List.of(new Conv2d(3, 4, 3), new BatchNorm2d(4))));
    all.put("conv3d", plain(() -> new Conv3d(3, 4, 2)));
    all.put(
        "conv3d_bn_relu",
        fused(() ->
            List.of(new Conv3d(3, 4, 2, o -> o.bias(false)), new BatchNorm3d(4), new ReLU())));
    all.put(
        "conv_transpose1d",
        new Case(
            () -> List.of(new ConvTranspose1d(3, 4, 3, o -> o.stride(2))), 0, QConfig.DEFAULT));
    all.put(
        "conv_transpose2d_bn",
        new Case(
            () ->
                List.of(
                    new ConvTranspose2d(3, 4, 3, o -> o.outputPadding(1).stride(2)),
                    new BatchNorm2d(4)),
            2,
            QConfig.DEFAULT));
    all.put(
        "conv_transpose3d",
        new Case(() -> List.of(new ConvTranspose3d(3, 4, 2)), 0, QConfig.DEFAULT));
    all.put("batch_norm2d", plain(() -> new BatchNorm2d(4, o -> o.eps(1e-3))));
    all.put("batch_norm2d_relu", fused(() -> List.of(new BatchNorm2d(4), new ReLU())));
    all.put("batch_norm3d", plain(() -> new BatchNorm3d(4)));
    all.put("batch_norm3d_relu", fused(() -> List.of(new BatchNorm3d(4), new ReLU())));
    all.put("group_norm", plain(() -> new GroupNorm(2, 4)));
    all.put("layer_norm", plain(() -> new LayerNorm(new long[] {3, 5})));
    all.put("instance_norm1d", plain(() -> new InstanceNorm1d(4, o -> o.affine(true))));
    all.put("instance_norm2d", plain(() -> new InstanceNorm2d(4)));
    all.put("instance_norm3d", plain(() -> new InstanceNorm3d(4)));
    all.put("elu", plain(() -> new ELU(0.5)));
    all.put("hardswish", plain(Hardswish::new));
    all.put("leaky_relu", plain(() -> new LeakyReLU(0.2)));
    all.put("relu6", plain(ReLU6::new));
    all.put(
        "prelu",
        new Case(
            () -> List.of(new PReLU(o -> o.numParameters(4).init(0.3))),
            0,
            QConfig.DEFAULT_QUINT8_WEIGHT));
    all.put("dropout", new Case(() -> List.of(linear.get(), new Dropout(0.4)), 0, X86));
    all.put(
        "plain",
        new Case(
            () ->
                List.of(
                    new ReLU(),
                    new MaxPool2d(2),
                    new Sigmoid(),
                    new AdaptiveAvgPool2d(2),
                    new Tanh(),
                    new Hardtanh(),
                    new AvgPool2d(2),
                    new Flatten()),
            0,
            X86));
    return all;
  }

  @BeforeEach
  void engine() {
    assumeThat(Quantization.supportedEngines()).contains(QuantizationEngine.X86);
    assertThat(Quantization.engine()).isEqualTo(QuantizationEngine.X86);
  }

  @TestFactory
  Stream<DynamicTest> should_quantize_layers_as_python_does() {
    return layers().entrySet().stream()
        .map(each -> dynamicTest(each.getKey(), () -> quantize(each.getKey(), each.getValue())));
  }

  private static void quantize(String name, Case of) {
    QuantWrapper model = new QuantWrapper(new Sequential(of.layers.get().toArray(Layer[]::new)));
    model.eval();
    String prefix = "layer." + name;
    String text = Fixtures.json("static_quantization.json").get("repr").get(name).asText();
    Consumer<StaticOptions> settings =
        o -> {
          o.qconfig(of.qconfig);
          if (of.fused == 2) o.fuse("module.0", "module.1");
          if (of.fused == 3) o.fuse("module.0", "module.1", "module.2");
        };
    load(model, prefix + ".float.");
    Quantization.prepare_(model, settings);
    calibrate(prefix, model::forward);
    try {
      if (name.startsWith("conv_transpose")) Quantization.setEngine(QuantizationEngine.FBGEMM);
      Quantization.convert_(model);
    } finally {
      Quantization.setEngine(QuantizationEngine.X86);
    }
    assertThat(model.forward(TENSORS.tensor(prefix + ".batch.0")))
        .isBitEqualTo(TENSORS.tensor(prefix + ".y"));
    compareState(model, prefix + ".state.");
    if (!OTHER_TEXT.contains(name)) {
      assertThat(model.getSubmodule("module")).hasToString(text);
    }
  }

  private static void load(Module model, String prefix) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    model.stateDict().keySet().forEach(key -> state.put(key, TENSORS.tensor(prefix + key)));
    model.loadStateDict(state);
  }

  private static void calibrate(String prefix, Consumer<Tensor> forward) {
    for (int i = 0; i < 3; i++) forward.accept(TENSORS.tensor(prefix + ".batch." + i));
  }

  /// Scales, zero points and bytes of weights.
  private static void compareState(Module model, String prefix) {
    Map<String, Tensor> state = model.stateDict();
    int compared = 0;
    for (Map.Entry<String, Tensor> each : state.entrySet()) {
      String key = each.getKey();
      Tensor value = each.getValue();
      if (key.endsWith("scale")) {
        assertThat(value.item()).as(key).isEqualTo(TENSORS.tensor(prefix + key).item());
        compared++;
      } else if (key.endsWith("zero_point")) {
        assertThat(value.item()).as(key).isEqualTo(TENSORS.tensor(prefix + key).item());
      } else if (value.isQuantized() && value.dtype() == DType.QINT8) {
        assertThat(value.intRepr()).as(key).isBitEqualTo(TENSORS.tensor(prefix + key));
      }
    }
    assertThat(compared).isPositive();
  }

  /// Each function, one after the other.
  private static final class Functions extends Module {
    final QuantStub quant = register("quant", new QuantStub());
    final FloatFunctional add = register("add", new FloatFunctional());
    final FloatFunctional mul = register("mul", new FloatFunctional());
    final FloatFunctional addRelu = register("add_relu", new FloatFunctional());
    final FloatFunctional cat = register("cat", new FloatFunctional());
    final FloatFunctional matmul = register("matmul", new FloatFunctional());
    final DeQuantStub dequant = register("dequant", new DeQuantStub());

    Tensor forward(Tensor input) {
      Tensor x = quant.forward(input);
      Tensor y = mul.mul(add.add(x, x), x);
      y = cat.cat(List.of(y, addRelu.addRelu(y, x)), 1);
      y = matmul.matmul(y, y.transpose(0, 1));
      return dequant.forward(add.mulScalar(add.addScalar(y, 0.5), 2));
    }
  }

  @Test
  void should_compute_functions_as_python_does() {
    Functions model = new Functions();
    model.eval();
    Quantization.prepare_(model);
    calibrate("functions", model::forward);
    Quantization.convert_(model);
    assertThat(model.forward(TENSORS.tensor("functions.batch.0")))
        .isBitEqualTo(TENSORS.tensor("functions.y"));
    compareState(model, "functions.state.");
  }

  @TestFactory
  Stream<DynamicTest> should_quantize_a_network_as_python_does_for_each_engine() {
    return Stream.of(
            QuantizationEngine.X86,
            QuantizationEngine.FBGEMM,
            QuantizationEngine.ONEDNN,
            QuantizationEngine.QNNPACK)
        .map(engine -> dynamicTest(engine.name(), () -> network(engine)));
  }

  private static void network(QuantizationEngine engine) {
    assumeThat(Quantization.supportedEngines()).contains(engine);
    try {
      Quantization.setEngine(engine);
      QuantizedNet net = new QuantizedNet();
      load(net, "net.float.");
      net.eval();
      QuantizedNet quantized =
          Quantization.quantize(
              net,
              QuantizedNet::new,
              model -> calibrate("net", model::forward),
              QuantizedNet::fused);
      String name = engine.name().toLowerCase(Locale.ROOT);
      assertThat(quantized.forward(TENSORS.tensor("net.batch.0")))
          .isBitEqualTo(TENSORS.tensor("net." + name + ".y"));
      if (engine == QuantizationEngine.X86) compareState(quantized, "net.x86.state.");
    } finally {
      Quantization.setEngine(QuantizationEngine.X86);
    }
  }

  @Test
  void should_load_what_python_has_quantized() throws IOException {
    QuantizedNet net = new QuantizedNet();
    net.eval();
    Quantization.convert_(Quantization.prepare_(net, QuantizedNet::fused));
    Checkpoint python = Torch.load(Fixtures.folder().resolve("static_quantization.pt"));
    net.loadStateDict(Quantization.stateDict(python.map()));
    assertThat(net.forward(TENSORS.tensor("net.batch.0")))
        .isBitEqualTo(TENSORS.tensor("net.x86.y"));
    assertThatThrownBy(() -> Quantization.stateDict(Map.of("lstm.version", 2L)))
        .isInstanceOf(ValueException.class)
        .hasMessage("'lstm.version' is 2, which no module here has in its state");
  }
}
