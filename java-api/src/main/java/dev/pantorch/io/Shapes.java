package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import java.io.IOException;
import java.util.Arrays;

/// Sizes that come from files: checked before anything is made of them.
final class Shapes {
  /// As many as a tensor here can have.
  static final int MAX_DIM = 64;

  private Shapes() {}

  /// The numbers in a tuple, none negative.
  static long[] sizes(Iterable<?> values) throws IOException {
    long[] sizes = new long[8];
    int dim = 0;
    for (Object value : values) {
      if (!(value instanceof Integer || value instanceof Long)) {
        throw new IOException("a size is no integer");
      }
      long size = ((Number) value).longValue();
      if (size < 0) throw new IOException("a size is %d".formatted(size));
      if (dim == MAX_DIM) throw new IOException("a tensor has more than 64 dimensions");
      if (dim == sizes.length) sizes = Arrays.copyOf(sizes, MAX_DIM);
      sizes[dim++] = size;
    }
    return Arrays.copyOf(sizes, dim);
  }

  /// How many bytes elements of a shape have.
  ///
  /// @throws IOException if that is more than there can be
  static long bytes(long[] shape, DType dtype) throws IOException {
    try {
      // Also where a zero hides it: the product of the other sizes is used, too.
      long bytes = dtype.itemSize();
      boolean empty = false;
      for (long size : shape) {
        if (size == 0) {
          empty = true;
        } else {
          bytes = Math.multiplyExact(bytes, size);
        }
      }
      return empty ? 0 : bytes;
    } catch (ArithmeticException e) {
      throw new IOException(
          "shape %s is more than there can be".formatted(Arrays.toString(shape)), e);
    }
  }

  /// Checks that a view lies in its storage.
  ///
  /// @param bytes how many the storage has
  static void checkView(long[] shape, long[] strides, long offset, DType dtype, long bytes)
      throws IOException {
    if (shape.length != strides.length) {
      throw new IOException(
          "a tensor has the sizes %s and the strides %s"
              .formatted(Arrays.toString(shape), Arrays.toString(strides)));
    }
    long elements = bytes / dtype.itemSize();
    try {
      long end = offset;
      boolean empty = bytes(shape, dtype) == 0;
      for (int i = 0; i < shape.length && !empty; i++) {
        end = Math.addExact(end, Math.multiplyExact(shape[i] - 1, strides[i]));
      }
      if (offset >= 0 && (empty ? offset <= elements : end < elements)) return;
    } catch (ArithmeticException e) {
      // said below
    }
    throw new IOException(
        "a tensor of %s with sizes %s, strides %s and offset %d does not lie in its storage of %d bytes"
            .formatted(dtype, Arrays.toString(shape), Arrays.toString(strides), offset, bytes));
  }

  /// What makes a tensor of some sizes from elements that lie one after the other.
  @FunctionalInterface
  interface Maker {
    Tensor make(long[] sizes) throws IOException;
  }

  /// A tensor of elements in row-major order, or in Fortran's, whose first dimension runs fastest.
  static Tensor ordered(long[] shape, boolean fortran, Maker maker) throws IOException {
    if (!fortran || shape.length < 2) return maker.make(shape);
    long[] reversed = new long[shape.length];
    long[] order = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      order[i] = shape.length - 1L - i;
      reversed[i] = shape[(int) order[i]];
    }
    try (Tensor tensor = maker.make(reversed)) {
      return tensor.permute(order);
    }
  }
}
