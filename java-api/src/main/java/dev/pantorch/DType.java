package dev.pantorch;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The type of a tensor's elements, by PyTorch's names. A dtype is also {@link TensorOptions}, so
/// that `Torch.zeros(DType.INT64, 2, 3)` reads as it should.
///
/// [torch.dtype](https://docs.pytorch.org/docs/2.13/tensor_attributes.html#torch.dtype)
public enum DType implements TensorOptions {
  /// Unsigned 8-bit integer.
  UINT8(0, 1, Kind.INTEGRAL),
  /// Signed 8-bit integer.
  INT8(1, 1, Kind.INTEGRAL),
  /// Signed 16-bit integer.
  INT16(2, 2, Kind.INTEGRAL),
  /// Signed 32-bit integer.
  INT32(3, 4, Kind.INTEGRAL),
  /// Signed 64-bit integer.
  INT64(4, 8, Kind.INTEGRAL),
  /// IEEE half precision.
  FLOAT16(5, 2, Kind.FLOATING),
  /// IEEE single precision, the default.
  FLOAT32(6, 4, Kind.FLOATING),
  /// IEEE double precision.
  FLOAT64(7, 8, Kind.FLOATING),
  /// Two half-precision parts.
  COMPLEX32(8, 4, Kind.COMPLEX),
  /// Two single-precision parts.
  COMPLEX64(9, 8, Kind.COMPLEX),
  /// Two double-precision parts.
  COMPLEX128(10, 16, Kind.COMPLEX),
  /// Truth value, one byte.
  BOOL(11, 1, Kind.BOOLEAN),
  /// Quantized signed 8-bit integer.
  QINT8(12, 1, Kind.QUANTIZED),
  /// Quantized unsigned 8-bit integer.
  QUINT8(13, 1, Kind.QUANTIZED),
  /// Quantized signed 32-bit integer.
  QINT32(14, 4, Kind.QUANTIZED),
  /// The upper half of a single-precision number.
  BFLOAT16(15, 2, Kind.FLOATING),
  /// Two quantized 4-bit integers a byte.
  QUINT4X2(16, 1, Kind.QUANTIZED),
  /// Four quantized 2-bit integers a byte.
  QUINT2X4(17, 1, Kind.QUANTIZED),
  /// Eight 1-bit values a byte.
  BITS1X8(18, 1, Kind.BITS),
  /// Four 2-bit values a byte.
  BITS2X4(19, 1, Kind.BITS),
  /// Two 4-bit values a byte.
  BITS4X2(20, 1, Kind.BITS),
  /// Eight bits without meaning.
  BITS8(21, 1, Kind.BITS),
  /// Sixteen bits without meaning.
  BITS16(22, 2, Kind.BITS),
  /// 8-bit float: 5 bits exponent, 2 bits mantissa.
  FLOAT8_E5M2(23, 1, Kind.FLOATING),
  /// 8-bit float: 4 bits exponent, 3 bits mantissa, no infinities.
  FLOAT8_E4M3FN(24, 1, Kind.FLOATING),
  /// 8-bit float: 5 bits exponent, 2 bits mantissa, no infinities, no negative zero.
  FLOAT8_E5M2FNUZ(25, 1, Kind.FLOATING),
  /// 8-bit float: 4 bits exponent, 3 bits mantissa, no infinities, no negative zero.
  FLOAT8_E4M3FNUZ(26, 1, Kind.FLOATING),
  /// Unsigned 16-bit integer.
  UINT16(27, 2, Kind.INTEGRAL),
  /// Unsigned 32-bit integer.
  UINT32(28, 4, Kind.INTEGRAL),
  /// Unsigned 64-bit integer.
  UINT64(29, 8, Kind.INTEGRAL),
  /// 8-bit exponent alone: a scale.
  FLOAT8_E8M0FNU(44, 1, Kind.FLOATING),
  /// Two 4-bit floats a byte.
  FLOAT4_E2M1FN_X2(45, 1, Kind.FLOATING),
  /// What an undefined tensor has.
  UNDEFINED(46, 0, Kind.BITS);

  private enum Kind {
    INTEGRAL,
    FLOATING,
    COMPLEX,
    BOOLEAN,
    QUANTIZED,
    BITS
  }

  private static final @Nullable DType[] BY_CODE = new DType[47];

  static {
    for (DType type : values()) BY_CODE[type.code] = type;
  }

  private final int code;
  private final int itemSize;
  private final Kind kind;

  DType(int code, int itemSize, Kind kind) {
    this.code = code;
    this.itemSize = itemSize;
    this.kind = kind;
  }

  /// libtorch's number for the type (`c10::ScalarType`).
  ///
  /// @return the number
  public int code() {
    return code;
  }

  /// The type of a number of libtorch's.
  ///
  /// @param code a `c10::ScalarType` value
  /// @return the type
  /// @throws IllegalArgumentException if Pantorch has no name for it
  public static DType ofCode(int code) {
    DType type = code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
    if (type == null) throw new IllegalArgumentException("no dtype has the code " + code);
    return type;
  }

  /// The bytes of one element.
  ///
  /// @return the size
  public int itemSize() {
    return itemSize;
  }

  /// Whether elements are floating-point numbers, of whatever width.
  ///
  /// @return whether they are
  public boolean isFloatingPoint() {
    return kind == Kind.FLOATING;
  }

  /// Whether elements are complex numbers.
  ///
  /// @return whether they are
  public boolean isComplex() {
    return kind == Kind.COMPLEX;
  }

  /// Whether elements are integers; {@link #BOOL} is not.
  ///
  /// @return whether they are
  public boolean isIntegral() {
    return kind == Kind.INTEGRAL;
  }

  /// Whether elements are quantized.
  ///
  /// @return whether they are
  public boolean isQuantized() {
    return kind == Kind.QUANTIZED;
  }

  /// The name in Python without `torch.`, as `float32`.
  ///
  /// @return the name
  public String torchName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// As Python prints it, `torch.float32`.
  @Override
  public String toString() {
    return "torch." + torchName();
  }

  @Override
  public @Nullable DType dtypeOrNull() {
    return this;
  }
}
