package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.PythonText;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What observers have in common that quantize in equal steps: dtype, scheme and range.
///
/// ```java
/// var observer = new MinMaxObserver(o -> o.quantMin(0).quantMax(127));
/// long steps = observer.quantMax() - observer.quantMin();
/// ```
///
/// [torch.ao.quantization.observer.UniformQuantizationObserverBase](https://docs.pytorch.org/docs/2.13/quantization-support.html)
public abstract class UniformQuantizationObserverBase extends ObserverBase {
  private static final Set<DType> DTYPES =
      Set.of(DType.QINT8, DType.QUINT8, DType.QUINT4X2, DType.QINT32);

  private final QScheme qscheme;
  private final boolean hasCustomRange;
  private final long quantMin;
  private final long quantMax;
  private final Tensor eps;
  Tensor minVal;
  Tensor maxVal;

  /// Options that all of them have.
  ///
  /// @param <S> the options of the observer, for chaining
  public abstract static class Options<S extends Options<S>> {
    private DType dtype = DType.QUINT8;
    private QScheme qscheme;
    private boolean reduceRange;
    private @Nullable Long quantMin;
    private @Nullable Long quantMax;
    private double eps = Math.ulp(1f);

    Options(QScheme qscheme) {
      this.qscheme = qscheme;
    }

    @SuppressWarnings("unchecked") // each subclass passes itself
    private S self() {
      return (S) this;
    }

    /// What is quantized to.
    ///
    /// @param dtype `QUINT8` unless set
    /// @return these options
    public S dtype(DType dtype) {
      this.dtype = dtype;
      return self();
    }

    /// How.
    ///
    /// @param qscheme affine unless set
    /// @return these options
    public S qscheme(QScheme qscheme) {
      this.qscheme = qscheme;
      return self();
    }

    /// Whether one bit is left out, since the sums of some kernels would overflow.
    ///
    /// @param reduceRange false unless set
    /// @return these options
    public S reduceRange(boolean reduceRange) {
      this.reduceRange = reduceRange;
      return self();
    }

    /// The least integer. Counts only if the greatest is set too.
    ///
    /// @param quantMin the dtype's unless set
    /// @return these options
    public S quantMin(long quantMin) {
      this.quantMin = quantMin;
      return self();
    }

    /// The greatest integer. Counts only if the least is set too.
    ///
    /// @param quantMax the dtype's unless set
    /// @return these options
    public S quantMax(long quantMax) {
      this.quantMax = quantMax;
      return self();
    }

    /// The least scale.
    ///
    /// @param eps 2<sup>-23</sup> unless set
    /// @return these options
    public S eps(double eps) {
      this.eps = eps;
      return self();
    }
  }

  UniformQuantizationObserverBase(Options<?> options) {
    super(options.dtype);
    qscheme = options.qscheme;
    if (!DTYPES.contains(options.dtype)) {
      throw new TypeException(
          "Default Observer only works for qint8, quint8, quint4x2 and qint32 data type, got "
              + options.dtype);
    }
    eps = registerBuffer("eps", Torch.tensor(new float[] {(float) options.eps}));
    minVal = registerBuffer("min_val", Torch.tensor(Float.POSITIVE_INFINITY));
    maxVal = registerBuffer("max_val", Torch.tensor(Float.NEGATIVE_INFINITY));
    Long least = options.quantMin;
    Long greatest = options.quantMax;
    hasCustomRange = least != null && greatest != null;
    if (least != null && greatest != null) {
      checkRange(options.dtype, least, greatest);
      quantMin = options.reduceRange ? Math.floorDiv(least, 2) : least;
      quantMax = options.reduceRange ? Math.floorDiv(greatest, 2) : greatest;
    } else {
      int shift = options.reduceRange ? 1 : 0;
      switch (options.dtype) {
        case QINT8 -> {
          quantMin = -128 >> shift;
          quantMax = 127 >> shift;
        }
        case QUINT8 -> {
          quantMin = 0;
          quantMax = 255 >> shift;
        }
        case QINT32 -> {
          quantMin = Integer.MIN_VALUE;
          quantMax = Integer.MAX_VALUE;
        }
        default -> {
          quantMin = 0;
          quantMax = 15;
        }
      }
    }
    if (qscheme.isSymmetric() && options.reduceRange && options.dtype == DType.QUINT8) {
      throw new ValueException("Cannot reduce range for symmetric quantization for quint8");
    }
  }

  private static void checkRange(DType dtype, long least, long greatest) {
    if (least > 0 || greatest < 0) {
      throw new ValueException("Used-specified quantization range must include 0.");
    }
    if (least >= greatest) {
      throw new ValueException(
          "qmin must be strictly less than qmax for user-specified quantization range.");
    }
    long most = dtype == DType.QINT32 ? 1L << 32 : 256;
    if ((dtype == DType.QINT8 || dtype == DType.QINT32) && greatest - least + 1 > most) {
      throw new ValueException(
          "quantization range should be positive and not exceed the maximum bit range (=%d)."
              .formatted(most));
    }
  }

  final void requireScheme(boolean perTensor) {
    if (qscheme.isPerTensor() == perTensor) return;
    throw new ValueException(
        "%s's qscheme only support %s, got %s"
            .formatted(
                getClass().getSimpleName(),
                perTensor
                    ? "torch.per_tensor_symmetric and torch.per_tensor_affine"
                    : "torch.per_channel_symmetric, torch.per_channel_affine and"
                        + " torch.per_channel_affine_float_qparams",
                qscheme));
  }

  /// How numbers are mapped to integers.
  ///
  /// @return the scheme
  public final QScheme qscheme() {
    return qscheme;
  }

  /// The least integer.
  ///
  /// @return the lower end of the range
  public final long quantMin() {
    return quantMin;
  }

  /// The greatest integer.
  ///
  /// @return the upper end of the range
  public final long quantMax() {
    return quantMax;
  }

  /// The least values seen.
  ///
  /// @return the buffer `min_val`, a scalar or one for each channel
  public final Tensor minVal() {
    return minVal;
  }

  /// The greatest values seen.
  ///
  /// @return the buffer `max_val`, a scalar or one for each channel
  public final Tensor maxVal() {
    return maxVal;
  }

  final void setRange(Tensor least, Tensor greatest) {
    if (least.dim() == minVal.dim() && least.numel() == minVal.numel()) {
      minVal.copy_(least);
      maxVal.copy_(greatest);
      return;
    }
    minVal = least;
    maxVal = greatest;
    replaceBuffer("min_val", least);
    replaceBuffer("max_val", greatest);
  }

  final boolean hasSeenNothing() {
    return minVal.numel() == 0
        || (minVal.dim() == 0
            && minVal.item() == Double.POSITIVE_INFINITY
            && maxVal.item() == Double.NEGATIVE_INFINITY);
  }

  @Override
  public QParams calculateQParams() {
    return TensorScope.scope(() -> calculate(minVal, maxVal));
  }

  final QParams calculate(Tensor least, Tensor greatest) {
    if (hasSeenNothing()) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "must run observer before calling calculate_qparams. Returning default values.");
      return new QParams(Torch.tensor(new float[] {1}), Torch.tensor(new long[] {0}));
    }
    if (least.gt(greatest).any().itemBoolean()) {
      throw new ValueException("min %s should be less than max %s".formatted(least, greatest));
    }
    Tensor zeros = Torch.zerosLike(least);
    Tensor negative = Torch.minimum(least, zeros);
    Tensor positive = Torch.maximum(greatest, zeros);
    double steps = quantMax - quantMin;
    Tensor scale;
    Tensor zeroPoint;
    if (qscheme.isSymmetric()) {
      scale = Torch.maximum(negative.neg(), positive).div(steps / 2);
      scale = Torch.maximum(scale, eps);
      long middle = hasCustomRange ? Math.floorDiv(quantMin + quantMax, 2) : 128;
      zeroPoint = Torch.zerosLike(least).to(DType.INT64);
      if (dtype() == DType.QUINT8) zeroPoint.fill_(middle);
    } else if (qscheme == QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS) {
      scale = greatest.sub(least).div(steps);
      scale = scale.where(scale.gt(eps), Torch.onesLike(scale));
      zeroPoint = least.mul(-1).div(scale);
    } else {
      scale = positive.sub(negative).div(steps);
      scale = Torch.maximum(scale, eps);
      Tensor rounded = negative.div(scale).round().to(DType.INT32);
      zeroPoint = rounded.neg().add(quantMin).clamp(quantMin, quantMax);
    }
    return new QParams(vector(scale), vector(zeroPoint));
  }

  private static Tensor vector(Tensor tensor) {
    return tensor.dim() == 0 ? tensor.unsqueeze(0) : tensor;
  }

  /// Forgets what was seen.
  public void resetMinMaxVals() {
    minVal.fill_(Double.POSITIVE_INFINITY);
    maxVal.fill_(Double.NEGATIVE_INFINITY);
  }

  @Override
  protected String extraRepr() {
    return "min_val=%s, max_val=%s".formatted(text(minVal), text(maxVal));
  }

  private static String text(Tensor value) {
    return value.dim() == 0 ? PythonText.number(value.item()) : value.toString();
  }
}
