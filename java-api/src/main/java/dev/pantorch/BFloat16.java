package dev.pantorch;

/// Conversions between `float` and the 16 bits of a `bfloat16`, for data that Java reads or writes
/// itself. For `float16` the JDK has them: {@link Float#float16ToFloat} and {@link
/// Float#floatToFloat16}.
///
/// ```java
/// short bits = BFloat16.fromFloat(0.1f);
/// float near = BFloat16.toFloat(bits); // 0.100097656
/// ```
///
/// Whole tensors are converted faster by {@link Tensor#bfloat16} and {@link Tensor#toFloatArray}.
/// Their bits are `x.view(DType.INT16).toShortArray()`, and
/// `Torch.tensor(bits).view(DType.BFLOAT16)` is a tensor of such bits.
public final class BFloat16 {
  private static final int FLOAT_INFINITY = 0x7f80_0000;
  private static final short NAN = (short) 0x7fc0;

  private BFloat16() {}

  /// The number that 16 bits stand for.
  ///
  /// @param bits a `bfloat16`
  /// @return the same number
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// The nearest `bfloat16`, the even one of two, as libtorch rounds.
  ///
  /// @param value any number
  /// @return its 16 bits
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & Integer.MAX_VALUE) > FLOAT_INFINITY) return NAN;
    int roundUp = 0x7fff + ((bits >>> 16) & 1);
    return (short) ((bits + roundUp) >>> 16);
  }
}
