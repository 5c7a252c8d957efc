package dev.pantorch;

import dev.pantorch.internal.DataOut;
import dev.pantorch.internal.Items;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;

/// The part of {@link Tensor} that gives its elements to Java.
///
/// Arrays and buffers hold the elements in row-major order, whatever the strides; the tensor may be
/// on any device, require gradients, or be sparse. Nothing is lost silently: `toFloatArray()`
/// accepts `float32` and every dtype whose values all are floats (`float16`, `bfloat16`, `int16`,
/// ...) and refuses `float64` and `int32`. Where rounding is meant, say so: `x.float32()
/// .toFloatArray()`. Copies run at the speed of memory.
///
/// | method            | dtypes                                                              |
/// |-------------------|---------------------------------------------------------------------|
/// | `toFloatArray`    | `float32`, `float16`, `bfloat16`, `float8_*`, integers of 8, 16 bits |
/// | `toDoubleArray`   | all of these, `float64`, `int32`, `uint32`                          |
/// | `toLongArray`     | all integers but `uint64`                                           |
/// | `toIntArray`      | `int32`, integers of 8 and 16 bits                                  |
/// | `toShortArray`    | `int16`, `int8`, `uint8`                                            |
/// | `toByteArray`     | `int8`; `uint8` bit by bit, see {@link Byte#toUnsignedInt}          |
/// | `toBooleanArray`  | `bool`                                                              |
///
/// {@link #data} gives the tensor's memory itself, without a copy.
public sealed interface TensorData permits Tensor {
  // One element.

  /// The one element of a tensor of any real dtype.
  ///
  /// @return the element
  /// @throws TypeException if it is boolean or complex, or an integer that no double equals
  /// @throws TorchException if the tensor has not exactly one element
  default double item() {
    return Items.toDouble((Tensor) this);
  }

  /// The one element of an integer tensor, or of another if it is a whole number.
  ///
  /// @return the element
  /// @throws TypeException if it is boolean, complex or no whole number
  /// @throws TorchException if the tensor has not exactly one element
  default long itemLong() {
    return Items.toLong((Tensor) this);
  }

  /// The one element of a boolean tensor.
  ///
  /// @return the element
  /// @throws TypeException if the dtype is not {@link DType#BOOL}
  /// @throws TorchException if the tensor has not exactly one element
  default boolean itemBoolean() {
    return Items.toBoolean((Tensor) this);
  }

  /// The one element of a complex or floating tensor.
  ///
  /// @return the element
  /// @throws TypeException if it is boolean or an integer
  /// @throws TorchException if the tensor has not exactly one element
  default Complex itemComplex() {
    return Items.toComplex((Tensor) this);
  }

  /// The one element, as a `Double`, a `Long` or a {@link Complex} after the dtype.
  ///
  /// @return the element
  /// @throws TypeException if it is boolean
  /// @throws TorchException if the tensor has not exactly one element
  default Number itemNumber() {
    return Items.toNumber((Tensor) this);
  }

  // All elements.

  /// The elements as floats.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype has values that are no floats
  default float[] toFloatArray() {
    return (float[]) DataOut.toArray((Tensor) this, float.class, "toFloatArray");
  }

  /// The elements as doubles.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype has values that are no doubles
  default double[] toDoubleArray() {
    return (double[]) DataOut.toArray((Tensor) this, double.class, "toDoubleArray");
  }

  /// The elements as longs.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype has values that are no longs
  default long[] toLongArray() {
    return (long[]) DataOut.toArray((Tensor) this, long.class, "toLongArray");
  }

  /// The elements as ints.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype has values that are no ints
  default int[] toIntArray() {
    return (int[]) DataOut.toArray((Tensor) this, int.class, "toIntArray");
  }

  /// The elements as shorts.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype has values that are no shorts
  default short[] toShortArray() {
    return (short[]) DataOut.toArray((Tensor) this, short.class, "toShortArray");
  }

  /// The elements as bytes.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype has more than 8 bits or is no integer
  default byte[] toByteArray() {
    return (byte[]) DataOut.toArray((Tensor) this, byte.class, "toByteArray");
  }

  /// The elements as truth values.
  ///
  /// @return a new array
  /// @throws TypeException if the dtype is not {@link DType#BOOL}
  default boolean[] toBooleanArray() {
    return (boolean[]) DataOut.toArray((Tensor) this, boolean.class, "toBooleanArray");
  }

  /// The elements in nested arrays, one level a dimension: `x.toArray(float[][].class)`. Python's
  /// `tolist()`.
  ///
  /// @param type the class of the result, of as many levels as the tensor has dimensions
  /// @param <A> the type of the result
  /// @return new arrays
  /// @throws ShapeException if the tensor has another number of dimensions
  /// @throws TypeException if the dtype has values that do not fit
  default <A> A toArray(Class<A> type) {
    return type.cast(DataOut.toNestedArray((Tensor) this, type));
  }

  /// Copies the elements to the beginning of an array, under the same rules as {@link
  /// #toFloatArray} and its siblings.
  ///
  /// @param target a primitive array with room for all elements
  /// @throws ShapeException if the array is too short
  /// @throws TypeException if the dtype has values that do not fit
  default void copyTo(float[] target) {
    DataOut.copyTo((Tensor) this, target);
  }

  /// The same for doubles.
  ///
  /// @param target an array with room for all elements
  /// @throws ShapeException if the array is too short
  /// @throws TypeException if the dtype has values that do not fit
  default void copyTo(double[] target) {
    DataOut.copyTo((Tensor) this, target);
  }

  /// The same for longs.
  ///
  /// @param target an array with room for all elements
  /// @throws ShapeException if the array is too short
  /// @throws TypeException if the dtype has values that do not fit
  default void copyTo(long[] target) {
    DataOut.copyTo((Tensor) this, target);
  }

  /// The same for ints.
  ///
  /// @param target an array with room for all elements
  /// @throws ShapeException if the array is too short
  /// @throws TypeException if the dtype has values that do not fit
  default void copyTo(int[] target) {
    DataOut.copyTo((Tensor) this, target);
  }

  /// Copies the elements to a buffer from its position on, in its byte order, and moves the
  /// position behind them. The same dtypes fit as for arrays.
  ///
  /// @param target a buffer of any primitive type but char
  /// @throws ShapeException if the buffer has too little room
  /// @throws TypeException if the dtype has values that do not fit
  default void copyTo(Buffer target) {
    DataOut.copyTo((Tensor) this, target);
  }

  /// Copies the elements to the beginning of a segment, in the tensor's own dtype and the machine's
  /// byte order. Unlike an array, a segment holds more than 2<sup>31</sup> elements.
  ///
  /// @param target a segment with room for all elements
  /// @throws ShapeException if the segment is too small
  default void copyTo(MemorySegment target) {
    DataOut.copyTo((Tensor) this, target);
  }

  // The memory itself.

  /// The tensor's memory without a copy: writing to it changes the tensor, and every view of it.
  /// The segment is usable until the arena closes, and keeps the memory for so long, even if the
  /// tensor is closed before. `data(arena).asByteBuffer().order(ByteOrder.nativeOrder())` is a
  /// buffer over the same memory.
  ///
  /// Autograd does not notice such changes. Since libtorch could otherwise move the memory, the
  /// tensor can no longer be resized.
  ///
  /// @param arena decides how long the segment can be used: {@link Arena#ofAuto} for as long as it
  ///   is reachable
  /// @return the elements, in row-major order
  /// @throws DeviceException if the tensor is not on the CPU
  /// @throws IllegalStateException if it requires gradients, or is not contiguous
  default MemorySegment data(Arena arena) {
    return DataOut.view((Tensor) this, arena);
  }
}
