package dev.pantorch.internal;

import dev.pantorch.Index;
import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.util.Objects;

/// Encodes indices as `pantorch/index.h` says and calls the shim with them.
public final class IndexCalls {
  private static final int BYTES = 32;
  // A scalar value stands behind the result's slot.
  private static final int SCALAR = 1;

  private IndexCalls() {}

  /// Writes the indices of one call to its frame.
  private interface Encoding {
    long write(CallFrame f);
  }

  public static Tensor get(Tensor tensor, long[] positions) {
    return get(tensor, f -> encode(f, positions), positions.length);
  }

  public static Tensor get(Tensor tensor, Index[] indices) {
    return get(tensor, f -> encode(f, indices), indices.length);
  }

  private static Tensor get(Tensor tensor, Encoding indices, int count) {
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(
          pantorch_h.pt_tensor_get(
              f.context().mode, f.acquire(tensor), indices.write(f), count, f.outSlot()));
      return f.context().adopt(f.out());
    } finally {
      f.exit();
    }
  }

  public static Tensor set(Tensor tensor, Tensor value, long[] positions) {
    return set(tensor, value, f -> encode(f, positions), positions.length);
  }

  public static Tensor set(Tensor tensor, Tensor value, Index[] indices) {
    return set(tensor, value, f -> encode(f, indices), indices.length);
  }

  private static Tensor set(Tensor tensor, Tensor value, Encoding indices, int count) {
    Objects.requireNonNull(value, "the value to assign is null; expected a tensor or a number");
    CallFrame f = CallFrame.enter();
    try {
      NativeErrors.check(
          pantorch_h.pt_tensor_set(
              f.context().mode, f.acquire(tensor), indices.write(f), count, f.acquire(value)));
      return tensor;
    } finally {
      f.exit();
    }
  }

  public static Tensor set(Tensor tensor, Number value, long[] positions) {
    return set(tensor, value, f -> encode(f, positions), positions.length);
  }

  public static Tensor set(Tensor tensor, Number value, Index[] indices) {
    return set(tensor, value, f -> encode(f, indices), indices.length);
  }

  private static Tensor set(Tensor tensor, Number value, Encoding indices, int count) {
    Objects.requireNonNull(value, "the value to assign is null; expected a tensor or a number");
    CallFrame f = CallFrame.enter();
    try {
      f.scalar(SCALAR, value);
      NativeErrors.check(
          pantorch_h.pt_tensor_set_scalar(
              f.context().mode, f.acquire(tensor), indices.write(f), count, f.slotAddress(SCALAR)));
      return tensor;
    } finally {
      f.exit();
    }
  }

  private static long encode(CallFrame f, long[] positions) {
    long address = f.allocate((long) BYTES * positions.length);
    for (int i = 0; i < positions.length; i++) {
      put(address + (long) BYTES * i, pantorch_h.PT_INDEX_INT(), positions[i], 0, 0);
    }
    return address;
  }

  private static long encode(CallFrame f, Index[] indices) {
    long address = f.allocate((long) BYTES * indices.length);
    for (int i = 0; i < indices.length; i++) {
      long at = address + (long) BYTES * i;
      switch (indices[i]) {
        case null ->
            throw new NullPointerException(
                "index %d is null; use Index.newAxis() for a new dimension".formatted(i));
        case Index.At(long position) -> put(at, pantorch_h.PT_INDEX_INT(), position, 0, 0);
        case Index.Slice(long start, long stop, long step) ->
            put(at, pantorch_h.PT_INDEX_SLICE(), start, stop, step);
        case Index.Ellipsis() -> put(at, pantorch_h.PT_INDEX_ELLIPSIS(), 0, 0, 0);
        case Index.NewAxis() -> put(at, pantorch_h.PT_INDEX_NONE(), 0, 0, 0);
        case Index.Flag(boolean value) -> put(at, pantorch_h.PT_INDEX_BOOL(), value ? 1 : 0, 0, 0);
        case Tensor tensor -> put(at, pantorch_h.PT_INDEX_TENSOR(), f.acquire(tensor), 0, 0);
      }
    }
    return address;
  }

  private static void put(long address, long kind, long a, long b, long c) {
    Memory.putLong(address, kind);
    Memory.putLong(address + 8, a);
    Memory.putLong(address + 16, b);
    Memory.putLong(address + 24, c);
  }
}
