package dev.pantorch.quantization;

import java.util.Locale;

/// How numbers are mapped to integers: by one scale or one for each channel, with a zero point or
/// without.
///
/// ```java
/// var observer = new MinMaxObserver(o -> o.dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC));
/// ```
///
/// [torch.qscheme](https://docs.pytorch.org/docs/2.13/quantization.html)
public enum QScheme {
  /// One scale and one zero point.
  PER_TENSOR_AFFINE,
  /// A scale and a zero point for each channel.
  PER_CHANNEL_AFFINE,
  /// One scale, and zero in the middle.
  PER_TENSOR_SYMMETRIC,
  /// A scale for each channel, and zero in the middle.
  PER_CHANNEL_SYMMETRIC,
  /// A scale for each channel and a zero point that need not be an integer, for embeddings.
  PER_CHANNEL_AFFINE_FLOAT_QPARAMS;

  boolean isPerTensor() {
    return this == PER_TENSOR_AFFINE || this == PER_TENSOR_SYMMETRIC;
  }

  boolean isSymmetric() {
    return this == PER_TENSOR_SYMMETRIC || this == PER_CHANNEL_SYMMETRIC;
  }

  /// As Python prints it.
  @Override
  public String toString() {
    return "torch." + name().toLowerCase(Locale.ROOT);
  }
}
