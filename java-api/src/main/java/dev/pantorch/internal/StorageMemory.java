package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The memory that tensors are views of.
public final class StorageMemory {
  /// Where a storage is.
  ///
  /// @param identity a number that no other living storage has
  /// @param address where its memory is, on the tensor's device; 0 if it has none
  /// @param bytes how much
  public record Description(long identity, long address, long bytes) {}

  /// Something that reads or fills memory.
  @FunctionalInterface
  public interface Use {
    /// Must not keep the segment.
    void accept(MemorySegment memory) throws IOException;
  }

  private StorageMemory() {}

  /// Where a tensor's storage is.
  public static Description of(Tensor tensor) {
    CallFrame f = CallFrame.enter();
    try {
      return describe(f, tensor);
    } finally {
      f.exit();
    }
  }

  /// Calls with the whole storage of a tensor on the CPU, which stays meanwhile.
  public static void use(Tensor tensor, Use use) throws IOException {
    CallFrame f = CallFrame.enter();
    try {
      Description is = describe(f, tensor);
      use.accept(Memory.segment(is.address, is.bytes));
    } finally {
      f.exit();
    }
  }

  private static Description describe(CallFrame f, Tensor tensor) {
    MemorySegment slots = Memory.segment(f.slotAddress(0), 24);
    NativeErrors.check(
        pantorch_h.pt_tensor_storage_memory(
            f.acquire(tensor), slots.asSlice(0, 8), slots.asSlice(8, 8), slots.asSlice(16, 8)));
    return new Description(
        Memory.getLong(slots.address()),
        Memory.getLong(slots.address() + 8),
        Memory.getLong(slots.address() + 16));
  }
}
