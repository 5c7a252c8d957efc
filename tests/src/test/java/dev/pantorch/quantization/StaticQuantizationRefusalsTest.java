package dev.pantorch.quantization;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.nn.Padding;
import dev.pantorch.nn.PaddingMode;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.ReLU6;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.utils.Parametrizations;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What cannot be quantized statically, and what is said about it.
class StaticQuantizationRefusalsTest {
  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(ValueException.class).hasMessage(message);
  }

  private static void prepare(Layer layer) {
    Quantization.prepare_(eval(new Sequential(layer)));
  }

  private static <M extends Module> M eval(M model) {
    model.eval();
    return model;
  }

  @Test
  void should_refuse_models_that_are_not_ready() {
    StaticQuantizationTest.Net training = new StaticQuantizationTest.Net();
    training.train();
    assertRefused(
        () -> Quantization.prepare_(training),
        "the model is in training mode: call eval() first, since calibration must not change it");
    assertRefused(
        () -> Quantization.convert_(new StaticQuantizationTest.Net()),
        "the model has no observers: call prepare_ first, and run it on data");
    StaticQuantizationTest.Net prepared = Quantization.prepare_(new StaticQuantizationTest.Net());
    assertRefused(() -> Quantization.prepare_(prepared), "'quant' is prepared already");
    assertRefused(
        () -> Quantization.prepare_(new StaticQuantizationTest.Net(), o -> o.qconfig("head", null)),
        "the model has no modules [head]; it has [, quant, conv, bn, relu, fc, add, dequant]");
    assertRefused(
        () -> Quantization.prepare_(new StaticQuantizationTest.Net(), o -> o.qconfig(null)),
        "None of the submodule got qconfig applied: no layer that can be quantized has one, of [,"
            + " quant, conv, bn, relu, fc, add, dequant]");
    assertRefused(
        () -> QConfig.getDefault(QuantizationEngine.NONE),
        "backend: none not supported. backend must be one of ['fbgemm', 'x86', 'qnnpack',"
            + " 'onednn']");
  }

  @Test
  void should_refuse_layers_without_quantized_kernels() {
    assertRefused(
        () -> Quantization.prepare_(eval(new LSTM(3, 4))),
        "'', a LSTM, cannot be quantized statically: leave it out with qconfig(\"\", null);"
            + " quantizeDynamic_ quantizes recurrent layers");
    assertRefused(
        () -> Quantization.prepare_(eval(new MultiheadAttention(8, 2))),
        "'', a MultiheadAttention, cannot be quantized statically: leave it out with qconfig(\"\","
            + " null); quantizeDynamic_ quantizes recurrent layers");
    assertRefused(
        () -> prepare(new Embedding(3, 4)),
        "Embedding quantization is only supported with float_qparams_weight_only_qconfig:"
            + " qconfig(\"0\", QConfig.FLOAT_QPARAMS_WEIGHT_ONLY)");
    assertRefused(
        () -> prepare(new ConvTranspose2d(2, 3, 2)),
        "Per channel weight observer is not supported yet for ConvTranspose{n}d. '0' needs one of"
            + " whole tensors: qconfig(\"0\", QConfig.DEFAULT)");
    assertRefused(
        () -> prepare(new BatchNorm2d(3, o -> o.trackRunningStats(false))),
        "BatchNorm2d without running statistics cannot be quantized");
    Sequential same =
        Quantization.prepare_(
            eval(new Sequential(new Conv2d(1, 2, 3, o -> o.padding(Padding.SAME)))));
    assertRefused(
        () -> Quantization.convert_(same),
        "'padding_mode' same is not supported by quantized convolution");
    Sequential circular =
        Quantization.prepare_(
            eval(new Sequential(new Conv2d(1, 2, 3, o -> o.paddingMode(PaddingMode.CIRCULAR)))));
    assertRefused(
        () -> Quantization.convert_(circular),
        "'padding_mode' circular is not supported by quantized convolution");
    Linear parametrized = new Linear(2, 2);
    Parametrizations.weightNorm(parametrized);
    Sequential normed = Quantization.prepare_(eval(new Sequential(parametrized)));
    assertRefused(
        () -> Quantization.convert_(normed),
        "a parametrized Linear cannot be quantized: remove its parametrizations first");
    Linear infinite = new Linear(2, 2);
    try (var mode = Torch.noGrad()) {
      infinite.weight().fill_(Double.NaN);
    }
    Sequential bad = Quantization.prepare_(eval(new Sequential(infinite)));
    assertRefused(() -> Quantization.convert_(bad), "'weight' has NaN or infinite elements");
    Sequential unsigned =
        Quantization.prepare_(
            eval(new Sequential(new Linear(2, 2))), o -> o.qconfig(QConfig.DEFAULT_QUINT8_WEIGHT));
    assertRefused(
        () -> Quantization.convert_(unsigned),
        "Weight observer must have dtype torch.qint8, got torch.quint8");
  }

  @Test
  void should_refuse_wrong_inputs_of_quantized_layers() {
    Sequential conv = Quantization.prepare_(eval(new Sequential(new Conv2d(1, 2, 3))));
    conv.forward(Torch.randn(1, 1, 4, 4));
    Quantization.convert_(conv);
    assertRefused(() -> conv.forward(Torch.randn(1, 4, 4)), "Input shape must be `(N, C, H, W)`!");
    // Without a QuantStub before it.
    assertThatThrownBy(() -> conv.forward(Torch.randn(1, 1, 4, 4)))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("quantized::conv2d");
    ConvTranspose2d transposed = new ConvTranspose2d(1, 1, 2);
    transposed.eval();
    QuantizationEngine before = Quantization.engine();
    try {
      Quantization.setEngine(QuantizationEngine.FBGEMM);
      Quantization.prepare_(transposed, o -> o.qconfig(QConfig.DEFAULT));
      transposed.forward(Torch.randn(1, 1, 4, 4));
      Quantization.convert_(transposed);
      Quantization.setEngine(QuantizationEngine.ONEDNN);
      assertRefused(
          () -> transposed.loadStateDict(transposed.stateDict()),
          "quantized transposed convolutions of 2 dimensions are wrong in oneDNN of this libtorch:"
              + " call Quantization.setEngine(QuantizationEngine.FBGEMM) before the model is"
              + " converted or loaded");
    } finally {
      Quantization.setEngine(before);
    }
    assertThatThrownBy(() -> transposed.forward(Torch.randn(1, 1, 4, 4), 5, 5))
        .isInstanceOf(ValueException.class)
        .hasMessageStartingWith("a quantized ConvTranspose2d takes one tensor, got Input[");
  }

  /// Not PyTorch's.
  private static final class ReLU7 extends Layer {
    @Override
    public Tensor forward(Tensor input) {
      return hooked(input, x -> x.clamp(0, 7));
    }
  }

  @Test
  void should_refuse_to_fuse_what_python_does_not() {
    Sequential layers =
        eval(new Sequential(new Conv2d(1, 2, 3), new BatchNorm2d(2), new ReLU6(), new ReLU()));
    assertRefused(
        () -> Quantization.fuseModules_(layers, "0", "2"),
        "did not find fuser method for: (Conv2d, ReLU6)");
    assertRefused(
        () -> Quantization.fuseModules_(layers, "0"), "did not find fuser method for: (Conv2d)");
    assertRefused(
        () ->
            Quantization.fuseModules_(
                eval(new Sequential(new Linear(2, 2), new ReLU7())), "0", "1"),
        "did not find fuser method for: (Linear, " + ReLU7.class.getName() + ")");
    layers.getSubmodule("0").train();
    assertRefused(
        () -> Quantization.fuseModules_(layers, "0", "1"),
        "Conv2d and BatchNorm2d must be in the same mode (train or eval).");
    layers.train();
    assertRefused(() -> Quantization.fuseModules_(layers, "0", "1"), "Fusion only for eval!");
    layers.eval();
    Quantization.fuseModules_(layers, "0", "1", "3");
    assertRefused(
        () -> Quantization.fuseModules_(layers, "0", "1"),
        "did not find fuser method for: (ConvReLU2d, Identity)");
    assertRefused(
        () ->
            Quantization.fuseModules_(
                eval(new Sequential(new Linear(3, 4), new BatchNorm1d(3))), "0", "1"),
        "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got"
            + " linear.out_features=4 and bn.num_features=3");
    assertRefused(
        () ->
            Quantization.fuseModules_(
                eval(
                    new Sequential(
                        new Linear(3, 4), new BatchNorm1d(4, o -> o.trackRunningStats(false)))),
                "0",
                "1"),
        "bn.running_mean and bn.running_var must not be None");
  }

  @Test
  void should_refuse_wrong_observers() {
    assertRefused(
        () -> new MinMaxObserver(o -> o.qscheme(QScheme.PER_CHANNEL_AFFINE)),
        "MinMaxObserver's qscheme only support torch.per_tensor_symmetric and"
            + " torch.per_tensor_affine, got torch.per_channel_affine");
    assertRefused(
        () -> new PerChannelMinMaxObserver(o -> o.qscheme(QScheme.PER_TENSOR_AFFINE)),
        "PerChannelMinMaxObserver's qscheme only support torch.per_channel_symmetric,"
            + " torch.per_channel_affine and torch.per_channel_affine_float_qparams, got"
            + " torch.per_tensor_affine");
    assertRefused(
        () -> new MinMaxObserver(o -> o.quantMin(1).quantMax(5)),
        "Used-specified quantization range must include 0.");
    assertRefused(
        () -> new MinMaxObserver(o -> o.quantMin(0).quantMax(0)),
        "qmin must be strictly less than qmax for user-specified quantization range.");
    assertRefused(
        () -> new MinMaxObserver(o -> o.dtype(DType.QINT8).quantMin(-200).quantMax(100)),
        "quantization range should be positive and not exceed the maximum bit range (=256).");
    assertRefused(
        () -> new MinMaxObserver(o -> o.qscheme(QScheme.PER_TENSOR_SYMMETRIC).reduceRange(true)),
        "Cannot reduce range for symmetric quantization for quint8");
    assertThatThrownBy(() -> new MinMaxObserver(o -> o.dtype(DType.FLOAT32)))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "Default Observer only works for qint8, quint8, quint4x2 and qint32 data type, got"
                + " torch.float32");
    for (ObserverBase observer :
        List.of(new PlaceholderObserver(), new NoopObserver(), new RecordingObserver())) {
      assertThatThrownBy(observer::calculateQParams)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage(
              "calculate_qparams should not be called for " + observer.getClass().getSimpleName());
    }
  }

  @Test
  void should_observe_what_is_finite_and_forget() {
    MinMaxObserver observer = new MinMaxObserver();
    observer.forward(Torch.tensor(new float[] {-1, 4}));
    assertThat(observer.calculateQParams().scale().item()).isEqualTo((double) (5f / 255f));
    assertThat(observer).hasToString("MinMaxObserver(min_val=-1.0, max_val=4.0)");
    observer.resetMinMaxVals();
    assertThat(observer).hasToString("MinMaxObserver(min_val=inf, max_val=-inf)");
    assertThat(observer.calculateQParams().scale().item()).isEqualTo(1);
    HistogramObserver histogram = new HistogramObserver(o -> o.bins(4));
    float infinity = Float.POSITIVE_INFINITY;
    histogram.forward(Torch.tensor(new float[] {infinity}));
    histogram.forward(Torch.tensor(new float[] {0, 1, 2, 4, infinity}));
    assertThat(histogram.maxVal().item()).isEqualTo(4);
    assertThat(histogram.histogram().toFloatArray()).containsExactly(1, 1, 1, 1);
    histogram.forward(Torch.empty(0));
    // The range doubles: each bin is half of one of the new.
    histogram.forward(Torch.tensor(new float[] {8}));
    assertThat(histogram.histogram().toFloatArray()).containsExactly(2, 2, 0, 1);
    RecordingObserver recording = new RecordingObserver();
    Tensor x = Torch.ones(2);
    recording.forward(x);
    x.zero_();
    assertThat(recording.tensorVal().getFirst().sum().item()).isEqualTo(2);
  }
}
