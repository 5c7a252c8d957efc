package dev.pantorch.testing;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The bytes of tensors, and what they mean in each dtype: written here once more, so that a fault
/// in the library's conversions cannot hide itself.
public final class TensorBytes {
  private TensorBytes() {}

  /// A new tensor with a copy of the bytes, row by row.
  ///
  /// @param bytes exactly as many as the elements need
  /// @param dtype their dtype
  /// @param size the tensor's size
  /// @return the tensor
  public static Tensor tensor(MemorySegment bytes, DType dtype, long... size) {
    if (size.length == 0) {
      // Neither a view, which some operators refuse to change in place, nor squeezed in place,
      // after
      // which some kernels take another path and give another last bit.
      Tensor scalar = Torch.empty(size, dtype, null);
      return scalar.copy_(Torch.tensor(bytes, dtype, 1).reshape(size));
    }
    return Torch.tensor(bytes, dtype, size);
  }

  /// The bytes of a tensor's elements, row by row; conjugates and negatives carried out, quantized
  /// elements as integers.
  ///
  /// @param tensor any dense tensor of the CPU
  /// @return a copy
  public static MemorySegment bytes(Tensor tensor) {
    Tensor plain = tensor.isQuantized() ? tensor.intRepr() : tensor;
    MemorySegment copy = Arena.ofAuto().allocate(plain.numel() * plain.dtype().itemSize(), 8);
    plain.copyTo(copy);
    return copy;
  }

  /// The dtype of the integers that a quantized dtype stores.
  ///
  /// @param dtype a quantized dtype
  /// @return the integers' dtype
  public static DType integersOf(DType dtype) {
    return switch (dtype) {
      case QINT8 -> DType.INT8;
      case QUINT8 -> DType.UINT8;
      case QINT32 -> DType.INT32;
      default -> throw new IllegalArgumentException(dtype + " is not quantized");
    };
  }

  /// The elements as doubles; a complex element is two, its real and its imaginary part.
  ///
  /// @param bytes the elements
  /// @param dtype their dtype
  /// @return the numbers
  public static double[] doubles(MemorySegment bytes, DType dtype) {
    DType part = realPart(dtype);
    double[] values = new double[Math.toIntExact(bytes.byteSize() / part.itemSize())];
    for (int i = 0; i < values.length; i++) {
      values[i] = element(bytes, part, i);
    }
    return values;
  }

  private static DType realPart(DType dtype) {
    return switch (dtype) {
      case COMPLEX32 -> DType.FLOAT16;
      case COMPLEX64 -> DType.FLOAT32;
      case COMPLEX128 -> DType.FLOAT64;
      default -> dtype.isQuantized() ? integersOf(dtype) : dtype;
    };
  }

  private static double element(MemorySegment bytes, DType dtype, int i) {
    return switch (dtype) {
      case FLOAT32 -> bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
      case FLOAT64 -> bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i);
      case FLOAT16 -> Float.float16ToFloat(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
      case BFLOAT16 ->
          Float.intBitsToFloat(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) << 16);
      case INT64, UINT64 -> bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i);
      case INT32 -> bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
      case UINT32 -> Integer.toUnsignedLong(bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i));
      case INT16 -> bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i);
      case UINT16 -> Short.toUnsignedInt(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
      case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, i);
      // The eight-bit floats are compared as codes: equal bits are what counts.
      default -> Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, i));
    };
  }
}
