package dev.pantorch.io;

import dev.pantorch.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Turns elements of the other byte order around.
final class ByteSwap {
  private ByteSwap() {}

  /// The bytes that are turned around together: a complex number has two such parts.
  static int unit(DType dtype) {
    return dtype.isComplex() ? dtype.itemSize() / 2 : dtype.itemSize();
  }

  /// Turns each number of a segment around in place.
  ///
  /// @param unit the bytes of a number: 1, 2, 4 or 8
  static void swap(MemorySegment memory, int unit) {
    long count = memory.byteSize() / unit;
    switch (unit) {
      case 1 -> {}
      case 2 -> {
        for (long i = 0; i < count; i++) {
          short value = memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i);
          memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, Short.reverseBytes(value));
        }
      }
      case 4 -> {
        for (long i = 0; i < count; i++) {
          int value = memory.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * i);
          memory.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * i, Integer.reverseBytes(value));
        }
      }
      case 8 -> {
        for (long i = 0; i < count; i++) {
          long value = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i);
          memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i, Long.reverseBytes(value));
        }
      }
      default -> throw new IllegalArgumentException("no number has " + unit + " bytes");
    }
  }
}
