package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.ValueException;
import java.util.function.Supplier;

/// How a layer is quantized: what observes its outputs, and what its weights. Every layer gets
/// observers of its own.
///
/// ```java
/// QConfig config =
///     new QConfig(
///         () -> new MinMaxObserver(o -> o.reduceRange(true)),
///         () -> new MinMaxObserver(o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC)));
/// ```
///
/// [torch.ao.quantization.qconfig.QConfig](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.qconfig.QConfig.html)
///
/// @param activation makes observers of outputs
/// @param weight makes observers of weights
public record QConfig(
    Supplier<? extends ObserverBase> activation, Supplier<? extends ObserverBase> weight) {
  /// `default_qconfig`: ranges of both, activations from 0 to 127, one scale for each weight.
  public static final QConfig DEFAULT =
      new QConfig(
          () -> new MinMaxObserver(o -> o.quantMin(0).quantMax(127)), QConfig::weightOfTensor);

  /// `default_per_channel_qconfig`: the same with a scale for each output channel.
  public static final QConfig DEFAULT_PER_CHANNEL =
      new QConfig(DEFAULT.activation, QConfig::weightOfChannels);

  /// `default_debug_qconfig`: keeps all activations, cannot be converted.
  public static final QConfig DEFAULT_DEBUG =
      new QConfig(RecordingObserver::new, QConfig::weightOfTensor);

  /// `default_quint8_weight_qconfig`: weights as unsigned bytes, which `PReLU` needs.
  public static final QConfig DEFAULT_QUINT8_WEIGHT =
      new QConfig(HistogramObserver::new, MinMaxObserver::new);

  /// `float_qparams_weight_only_qconfig`: rows of embeddings as bytes.
  public static final QConfig FLOAT_QPARAMS_WEIGHT_ONLY =
      new QConfig(PlaceholderObserver::new, () -> rows(DType.QUINT8));

  /// `float_qparams_weight_only_qconfig_4bit`: rows of embeddings as half bytes.
  public static final QConfig FLOAT_QPARAMS_WEIGHT_ONLY_4BIT =
      new QConfig(PlaceholderObserver::new, () -> rows(DType.QUINT4X2));

  /// What Python's `get_default_qconfig` returns for an engine: histograms of activations, and
  /// weights by channels, but in QNNPACK by whole tensors. `X86` and `FBGEMM` leave out one bit of
  /// activations, since the sums of their kernels could overflow; `ONEDNN` does not, and needs a
  /// processor with VNNI to come out right.
  ///
  /// @param engine what computes
  /// @return the configuration
  /// @throws dev.pantorch.ValueException for no engine
  public static QConfig getDefault(QuantizationEngine engine) {
    boolean reduced = engine == QuantizationEngine.X86 || engine == QuantizationEngine.FBGEMM;
    if (engine == QuantizationEngine.NONE) {
      throw new ValueException(
          "backend: none not supported. backend must be one of ['fbgemm', 'x86', 'qnnpack',"
              + " 'onednn']");
    }
    return new QConfig(
        () -> new HistogramObserver(o -> o.reduceRange(reduced)),
        engine == QuantizationEngine.QNNPACK ? QConfig::weightOfTensor : QConfig::weightOfChannels);
  }

  private static ObserverBase weightOfTensor() {
    return new MinMaxObserver(o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC));
  }

  private static ObserverBase weightOfChannels() {
    return new PerChannelMinMaxObserver(
        o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_CHANNEL_SYMMETRIC));
  }

  private static ObserverBase rows(DType dtype) {
    return new PerChannelMinMaxObserver(
        o -> o.dtype(dtype).qscheme(QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS));
  }
}
