package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Layout;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.Collectors;

/// What a tensor is at one moment: all of its metadata, read by one downcall.
@SuppressWarnings("ArrayRecordComponent") // fresh arrays each time, handed on to one reader
public record TensorDescription(
    int flags,
    DType dtype,
    Layout layout,
    Device device,
    long numel,
    long storageOffset,
    long[] sizes,
    long[] strides) {

  private static final int SIZES = 8;
  private static final long BYTES = 8L * (SIZES + 2L * pantorch_h.PT_TENSOR_MAX_DIM());

  static TensorDescription of(long handle) {
    try (Arena arena = Arena.ofConfined()) {
      long out = arena.allocate(BYTES, 8).address();
      NativeErrors.check(pantorch_h.pt_tensor_describe(handle, out));
      return read(out);
    }
  }

  static TensorDescription of(CallFrame frame, long handle) {
    long out = frame.allocate(BYTES);
    NativeErrors.check(pantorch_h.pt_tensor_describe(handle, out));
    return read(out);
  }

  private static TensorDescription read(long out) {
    int dim = (int) Memory.getLong(out + 40);
    long[] sizes = new long[dim];
    long[] strides = new long[dim];
    for (int i = 0; i < dim; i++) {
      sizes[i] = Memory.getLong(out + 8L * (SIZES + i));
      strides[i] = Memory.getLong(out + 8L * (SIZES + dim + i));
    }
    return new TensorDescription(
        (int) Memory.getLong(out),
        DType.ofCode((int) Memory.getLong(out + 8)),
        Layout.ofCode((int) Memory.getLong(out + 16)),
        Device.of(
            DeviceType.ofCode((int) Memory.getLong(out + 24)), (int) Memory.getLong(out + 32)),
        Memory.getLong(out + 48),
        Memory.getLong(out + 56),
        sizes,
        strides);
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// As errors name it: `float32[32, 10, 5] on cpu`.
  @Override
  public String toString() {
    if (!has(pantorch_h.PT_TENSOR_DEFINED())) return "undefined";
    return dtype.torchName()
        + Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"))
        + " on "
        + device
        + (layout == Layout.STRIDED ? "" : ", " + layout.torchName());
  }
}
