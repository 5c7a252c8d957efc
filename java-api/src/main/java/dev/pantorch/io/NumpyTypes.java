package dev.pantorch.io;

import dev.pantorch.DType;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// numpy's names for element types: a letter and the bytes, with the byte order before them, `<f4`.
final class NumpyTypes {
  private static final Map<String, DType> BY_CODE = new LinkedHashMap<>();
  private static final Map<DType, String> BY_DTYPE = new LinkedHashMap<>();

  static {
    put("b1", DType.BOOL);
    put("i1", DType.INT8);
    put("i2", DType.INT16);
    put("i4", DType.INT32);
    put("i8", DType.INT64);
    put("u1", DType.UINT8);
    put("u2", DType.UINT16);
    put("u4", DType.UINT32);
    put("u8", DType.UINT64);
    put("f2", DType.FLOAT16);
    put("f4", DType.FLOAT32);
    put("f8", DType.FLOAT64);
    put("c8", DType.COMPLEX64);
    put("c16", DType.COMPLEX128);
  }

  private NumpyTypes() {}

  private static void put(String code, DType dtype) {
    BY_CODE.put(code, dtype);
    BY_DTYPE.put(dtype, code);
  }

  /// A type and the order of its bytes.
  record Type(DType dtype, ByteOrder order) {
    /// Whether bytes have to be turned around on this machine.
    boolean isSwapped() {
      return order != ByteOrder.nativeOrder() && ByteSwap.unit(dtype) > 1;
    }
  }

  /// The type of a name such as `<f4`, or `f4` for this machine's byte order.
  ///
  /// @throws IOException if no dtype is the same
  static Type parse(String name) throws IOException {
    char first = name.isEmpty() ? ' ' : name.charAt(0);
    boolean ordered = "<>|=".indexOf(first) >= 0;
    DType dtype = BY_CODE.get(ordered ? name.substring(1) : name);
    if (dtype == null) {
      throw new IOException(
          "numpy's type '%s' is %s; tensors have %s"
              .formatted(PickleText.shortened(name), describe(name), BY_CODE.keySet()));
    }
    return new Type(dtype, order(first));
  }

  static ByteOrder order(char name) {
    return switch (name) {
      case '<' -> ByteOrder.LITTLE_ENDIAN;
      case '>' -> ByteOrder.BIG_ENDIAN;
      default -> ByteOrder.nativeOrder();
    };
  }

  private static String describe(String name) {
    String kind = name.replaceFirst("^[<>|=]", "");
    return switch (kind.isEmpty() ? ' ' : kind.charAt(0)) {
      case 'O' -> "Python objects, which are never read";
      case 'U', 'S', 'a' -> "text";
      case 'M', 'm' -> "dates or times: view them as int64 in Python";
      case 'V' -> "bytes without a meaning";
      case 'f', 'g' -> "a float of a width that tensors do not have";
      default -> "no number that a tensor can have";
    };
  }

  /// The name for a dtype, in this machine's byte order; null if numpy has no such type.
  static @Nullable String name(DType dtype) {
    String code = BY_DTYPE.get(dtype);
    if (code == null) return null;
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return (dtype.itemSize() == 1 ? "|" : little ? "<" : ">") + code;
  }
}
