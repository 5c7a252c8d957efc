package dev.pantorch;

import dev.pantorch.internal.Conversions;
import org.jspecify.annotations.Nullable;

/// The part of {@link Tensor} that changes dtype and device.
///
/// Where Python has methods named after its number types (`x.float()`, `x.long()`), which are
/// reserved words in Java, there are methods named after the dtypes: `x.float32()`, `x.int64()`.
/// All of them, like Python's, return the tensor itself in a new handle where nothing changes.
///
/// [torch.Tensor.to](https://docs.pytorch.org/docs/2.13/generated/torch.Tensor.to.html)
public sealed interface TensorConversions permits Tensor {
  /// The tensor with another dtype, on another device, or both: `x.to(DType.FLOAT64)`,
  /// `x.to(device)`, `x.to(DType.FLOAT16.on(device))`.
  ///
  /// @param options the dtype and device that are wanted; what is not set stays
  /// @return a tensor of this one's shape; it shares the memory where nothing changes
  /// @throws DeviceException if the device cannot be used
  default Tensor to(TensorOptions options) {
    return to(options, false, false, null);
  }

  /// The same, with the choice of not waiting for the copy.
  ///
  /// @param options the dtype and device that are wanted; what is not set stays
  /// @param nonBlocking whether the call may return before a copy from pinned memory to a device is
  ///   done
  /// @return a tensor of this one's shape
  default Tensor to(TensorOptions options, boolean nonBlocking) {
    return to(options, nonBlocking, false, null);
  }

  /// The same, with all choices of Python's.
  ///
  /// @param options the dtype and device that are wanted; what is not set stays
  /// @param nonBlocking whether the call may return before a copy from pinned memory to a device is
  ///   done
  /// @param copy whether the result has its own memory even where nothing changes
  /// @param memoryFormat the order of the result's dimensions in memory; null preserves it
  /// @return a tensor of this one's shape
  default Tensor to(
      TensorOptions options,
      boolean nonBlocking,
      boolean copy,
      @Nullable MemoryFormat memoryFormat) {
    return Conversions.to((Tensor) this, options, nonBlocking, copy, memoryFormat);
  }

  /// The tensor with another's dtype, on its device.
  ///
  /// @param other the tensor to be like
  /// @return a tensor of this one's shape; it shares the memory where nothing changes
  default Tensor to(Tensor other) {
    return Conversions.to((Tensor) this, other, false, false);
  }

  /// The tensor on the CPU.
  ///
  /// @return itself in a new handle if it is there
  default Tensor cpu() {
    return to(Device.CPU);
  }

  /// The tensor on the current NVIDIA GPU.
  ///
  /// @return itself in a new handle if it is there
  /// @throws TorchException if there is none
  default Tensor cuda() {
    return to(Device.CUDA);
  }

  /// The tensor on an NVIDIA GPU.
  ///
  /// @param index which GPU
  /// @return itself in a new handle if it is there
  /// @throws TorchException if there is no such GPU
  default Tensor cuda(int index) {
    return to(Device.cuda(index));
  }

  /// The elements as single-precision numbers, Python's `float()`.
  ///
  /// @return a tensor of dtype {@link DType#FLOAT32}
  default Tensor float32() {
    return to(DType.FLOAT32);
  }

  /// The elements as double-precision numbers, Python's `double()`.
  ///
  /// @return a tensor of dtype {@link DType#FLOAT64}
  default Tensor float64() {
    return to(DType.FLOAT64);
  }

  /// The elements as half-precision numbers, Python's `half()`.
  ///
  /// @return a tensor of dtype {@link DType#FLOAT16}
  default Tensor float16() {
    return to(DType.FLOAT16);
  }

  /// The same by Python's name.
  ///
  /// @return a tensor of dtype {@link DType#FLOAT16}
  default Tensor half() {
    return float16();
  }

  /// The elements as the upper halves of single-precision numbers.
  ///
  /// @return a tensor of dtype {@link DType#BFLOAT16}
  default Tensor bfloat16() {
    return to(DType.BFLOAT16);
  }

  /// The elements as 64-bit integers, fractions cut off; Python's `long()`.
  ///
  /// @return a tensor of dtype {@link DType#INT64}
  default Tensor int64() {
    return to(DType.INT64);
  }

  /// The elements as 32-bit integers, fractions cut off; Python's `int()`.
  ///
  /// @return a tensor of dtype {@link DType#INT32}
  default Tensor int32() {
    return to(DType.INT32);
  }

  /// The elements as 16-bit integers, fractions cut off; Python's `short()`.
  ///
  /// @return a tensor of dtype {@link DType#INT16}
  default Tensor int16() {
    return to(DType.INT16);
  }

  /// The elements as signed 8-bit integers, fractions cut off; Python's `char()`.
  ///
  /// @return a tensor of dtype {@link DType#INT8}
  default Tensor int8() {
    return to(DType.INT8);
  }

  /// The elements as unsigned 8-bit integers, fractions cut off; Python's `byte()`.
  ///
  /// @return a tensor of dtype {@link DType#UINT8}
  default Tensor uint8() {
    return to(DType.UINT8);
  }

  /// Which elements are not zero.
  ///
  /// @return a tensor of dtype {@link DType#BOOL}
  default Tensor bool() {
    return to(DType.BOOL);
  }

  /// The elements as pairs of single-precision numbers, Python's `cfloat()`.
  ///
  /// @return a tensor of dtype {@link DType#COMPLEX64}
  default Tensor complex64() {
    return to(DType.COMPLEX64);
  }

  /// The elements as pairs of double-precision numbers, Python's `cdouble()`.
  ///
  /// @return a tensor of dtype {@link DType#COMPLEX128}
  default Tensor complex128() {
    return to(DType.COMPLEX128);
  }
}
