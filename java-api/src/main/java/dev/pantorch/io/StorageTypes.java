package dev.pantorch.io;

import dev.pantorch.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The names that Python gives to storages by dtype. Newer dtypes have none: their bytes are in an
/// `UntypedStorage`.
final class StorageTypes {
  static final String UNTYPED = "UntypedStorage";

  private static final Map<String, DType> BY_NAME = new LinkedHashMap<>();
  private static final Map<DType, String> BY_DTYPE = new LinkedHashMap<>();

  static {
    put("DoubleStorage", DType.FLOAT64);
    put("FloatStorage", DType.FLOAT32);
    put("HalfStorage", DType.FLOAT16);
    put("LongStorage", DType.INT64);
    put("IntStorage", DType.INT32);
    put("ShortStorage", DType.INT16);
    put("CharStorage", DType.INT8);
    put("ByteStorage", DType.UINT8);
    put("BoolStorage", DType.BOOL);
    put("BFloat16Storage", DType.BFLOAT16);
    put("ComplexDoubleStorage", DType.COMPLEX128);
    put("ComplexFloatStorage", DType.COMPLEX64);
    put("QInt8Storage", DType.QINT8);
    put("QInt32Storage", DType.QINT32);
    put("QUInt8Storage", DType.QUINT8);
  }

  private StorageTypes() {}

  private static void put(String name, DType dtype) {
    BY_NAME.put(name, dtype);
    BY_DTYPE.put(dtype, name);
  }

  /// The dtype of a storage's elements; bytes for an untyped one.
  static @Nullable DType dtype(String name) {
    return name.equals(UNTYPED) ? DType.UINT8 : BY_NAME.get(name);
  }

  /// The name of the storage, null where it is untyped.
  static @Nullable String name(DType dtype) {
    return BY_DTYPE.get(dtype);
  }
}
