package dev.pantorch;

// Long, because Java has no type for "any primitive": every kind of data has its few overloads.

import dev.pantorch.internal.DataIn;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import org.jspecify.annotations.Nullable;

/// `Torch.tensor(...)`: tensors from Java's data.
///
/// The Java type decides the dtype, for one number as for many, unless the options name another:
///
/// | data                | dtype     | data        | dtype        |
/// |---------------------|-----------|-------------|--------------|
/// | `float`             | `float32` | `boolean`   | `bool`       |
/// | `double`            | `float64` | `byte`      | `int8`       |
/// | `int`               | `int32`   | `short`     | `int16`      |
/// | `long`              | `int64`   | {@link Complex} | `complex128` |
///
/// So `Torch.tensor(1f, 2f)` is what Python's `torch.tensor([1.0, 2.0])` is, and `Torch.tensor(1L)`
/// what `torch.tensor(1)` is. Values are converted as Python converts them: `tensor(DType.INT64,
/// 2.7)` is 2.
///
/// [torch.tensor](https://docs.pytorch.org/docs/2.13/generated/torch.tensor.html)
abstract class TensorFactories extends TorchFunctions {
  TensorFactories() {}

  // One element.

  /// A single-precision number, as a tensor without dimensions.
  ///
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(float value) {
    return DataIn.scalar(TensorOptions.defaults(), new float[] {value});
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(TensorOptions options, float value) {
    return DataIn.scalar(options, new float[] {value});
  }

  /// A double-precision number, as a tensor without dimensions.
  ///
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(double value) {
    return DataIn.scalar(TensorOptions.defaults(), new double[] {value});
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(TensorOptions options, double value) {
    return DataIn.scalar(options, new double[] {value});
  }

  /// A 32-bit integer, as a tensor without dimensions.
  ///
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(int value) {
    return DataIn.scalar(TensorOptions.defaults(), new int[] {value});
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(TensorOptions options, int value) {
    return DataIn.scalar(options, new int[] {value});
  }

  /// A 64-bit integer, as a tensor without dimensions.
  ///
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(long value) {
    return DataIn.scalar(TensorOptions.defaults(), new long[] {value});
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(TensorOptions options, long value) {
    return DataIn.scalar(options, new long[] {value});
  }

  /// A truth value, as a tensor without dimensions.
  ///
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(boolean value) {
    return DataIn.scalar(TensorOptions.defaults(), new boolean[] {value});
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(TensorOptions options, boolean value) {
    return DataIn.scalar(options, new boolean[] {value});
  }

  /// A complex number, as a tensor without dimensions.
  ///
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(Complex value) {
    return DataIn.complex(TensorOptions.defaults(), value);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param value the element
  /// @return a tensor of shape `[]`
  public static Tensor tensor(TensorOptions options, Complex value) {
    return DataIn.complex(options, value);
  }

  // Many elements. A size of -1 in a shape stands for what follows from the others.

  /// An array of single-precision numbers, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(float... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(float[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, float... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, float[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// An array of double-precision numbers, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(double... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(double[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, double... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, double[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// An array of 32-bit integers, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(int... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(int[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, int... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, int[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// An array of 64-bit integers, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(long... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(long[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, long... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, long[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// An array of truth values, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(boolean... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(boolean[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, boolean... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, boolean[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// An array of 8-bit integers, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(byte... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(byte[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, byte... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, byte[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// An array of 16-bit integers, or some in a row, as a tensor of one dimension.
  ///
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(short... data) {
    return DataIn.array(TensorOptions.defaults(), data, null);
  }

  /// The same with a shape.
  ///
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(short[] data, long... shape) {
    return DataIn.array(TensorOptions.defaults(), data, shape);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied
  /// @return a tensor of shape `[data.length]`
  public static Tensor tensor(TensorOptions options, short... data) {
    return DataIn.array(options, data, null);
  }

  /// The same with options and a shape.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements in row-major order, copied
  /// @param shape the sizes; one may be -1
  /// @return a tensor of that shape
  /// @throws ShapeException if the elements do not fill the shape
  public static Tensor tensor(TensorOptions options, short[] data, long... shape) {
    return DataIn.array(options, data, shape);
  }

  /// Nested arrays of a primitive type, as `float[][]`; one dimension a level.
  ///
  /// @param data the elements, copied; all arrays of one level equally long
  /// @return a tensor of the arrays' lengths
  /// @throws ShapeException if arrays of one level differ in length; the message names the place
  /// @throws TypeException if the innermost elements are not of a primitive type with a dtype
  public static Tensor tensor(Object[] data) {
    return DataIn.nested(TensorOptions.defaults(), data);
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data the elements, copied; all arrays of one level equally long
  /// @return a tensor of the arrays' lengths
  /// @throws ShapeException if arrays of one level differ in length; the message names the place
  /// @throws TypeException if the innermost elements are not of a primitive type with a dtype
  public static Tensor tensor(TensorOptions options, Object[] data) {
    return DataIn.nested(options, data);
  }

  /// What lies between a buffer's position and its limit, read in the buffer's byte order. The
  /// position stays.
  ///
  /// @param data a heap or direct buffer of any primitive type but char, copied
  /// @param shape the sizes, one of which may be -1; none for one dimension
  /// @return a tensor of the dtype of the buffer's elements
  /// @throws ShapeException if the elements do not fill the shape
  /// @throws TypeException if it is a buffer of chars
  public static Tensor tensor(Buffer data, long... shape) {
    return DataIn.buffer(TensorOptions.defaults(), data, shapeOrNull(shape));
  }

  /// The same with options.
  ///
  /// @param options dtype, device and the rest
  /// @param data a heap or direct buffer of any primitive type but char, copied
  /// @param shape the sizes, one of which may be -1; none for one dimension
  /// @return a tensor
  /// @throws ShapeException if the elements do not fill the shape
  /// @throws TypeException if it is a buffer of chars
  public static Tensor tensor(TensorOptions options, Buffer data, long... shape) {
    return DataIn.buffer(options, data, shapeOrNull(shape));
  }

  // Memory.

  /// The bytes of a segment of any kind and size, copied, as elements of a dtype: also of those
  /// that Java has no type for, as `float16` or `complex64`.
  ///
  /// @param data the elements in row-major order and the machine's byte order
  /// @param dtype what they are
  /// @param shape the sizes, one of which may be -1; none for one dimension
  /// @return a tensor of that dtype on the CPU
  /// @throws ShapeException if the bytes do not fill the shape
  public static Tensor tensor(MemorySegment data, DType dtype, long... shape) {
    return DataIn.segment(data, dtype, shapeOrNull(shape));
  }

  /// Native memory of Java's as a tensor, without a copy: each sees what the other writes. The
  /// tensor, its views and the graphs that hold them keep the memory.
  ///
  /// Memory that could be freed under the tensor is refused: see {@link TensorArena}, which is the
  /// arena to take, besides {@link java.lang.foreign.Arena#ofAuto} and {@link
  /// java.lang.foreign.Arena#global}. Direct buffers come as `MemorySegment.ofBuffer(buffer)`. A
  /// mapped file must not be cut shorter meanwhile.
  ///
  /// @param memory the elements in row-major order and the machine's byte order, aligned for the
  ///   dtype
  /// @param dtype what they are
  /// @param shape the sizes, one of which may be -1; none for one dimension
  /// @return a tensor on the CPU over the memory
  /// @throws IllegalArgumentException if the memory is on the Java heap, read-only, badly aligned,
  ///   or of an arena that can be closed and is no {@link TensorArena}
  /// @throws ShapeException if the bytes do not fill the shape
  public static Tensor fromMemory(MemorySegment memory, DType dtype, long... shape) {
    return DataIn.share(memory, dtype, shapeOrNull(shape));
  }

  private static long @Nullable [] shapeOrNull(long[] shape) {
    return shape.length == 0 ? null : shape;
  }
}
