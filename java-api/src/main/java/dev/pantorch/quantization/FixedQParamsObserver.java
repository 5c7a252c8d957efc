package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;

/// Knows the scale beforehand and sees nothing, for outputs of a known range.
///
/// ```java
/// var observer = new FixedQParamsObserver(1 / 256.0, 0); // from 0 to 1
/// ```
///
/// [torch.ao.quantization.observer.FixedQParamsObserver](https://docs.pytorch.org/docs/2.13/quantization-support.html)
public final class FixedQParamsObserver extends ObserverBase {
  private final Tensor scale;
  private final Tensor zeroPoint;

  /// One of unsigned bytes.
  ///
  /// @param scale the scale
  /// @param zeroPoint the zero point
  public FixedQParamsObserver(double scale, long zeroPoint) {
    this(scale, zeroPoint, DType.QUINT8);
  }

  /// One of a given dtype.
  ///
  /// @param scale the scale
  /// @param zeroPoint the zero point
  /// @param dtype what is quantized to
  public FixedQParamsObserver(double scale, long zeroPoint, DType dtype) {
    super(dtype);
    this.scale = registerBuffer("scale", Torch.tensor(new float[] {(float) scale}));
    this.zeroPoint =
        registerBuffer("zero_point", Torch.tensor(new int[] {Math.toIntExact(zeroPoint)}));
  }

  @Override
  void observe(Tensor input) {}

  @Override
  public QParams calculateQParams() {
    return new QParams(Torch.clone(scale), Torch.clone(zeroPoint));
  }
}
