package dev.pantorch.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// All of native memory as one segment. Here, because reinterpreting a segment is a restricted
/// operation, and users grant native access to this module alone.
public final class NativeMemory {
  /// Addresses as offsets; nothing is checked but alignment.
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeMemory() {}

  /// Memory at an address as a segment that is usable until an arena closes.
  ///
  /// @param address where it begins
  /// @param bytes how long it is
  /// @param arena whose end is the segment's
  /// @param whenClosed what to do once the segment can no longer be used
  /// @return the segment
  public static MemorySegment view(long address, long bytes, Arena arena, Runnable whenClosed) {
    return MemorySegment.ofAddress(address).reinterpret(bytes, arena, _ -> whenClosed.run());
  }
}
