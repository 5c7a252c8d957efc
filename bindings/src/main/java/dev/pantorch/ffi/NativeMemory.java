package dev.pantorch.ffi;

import java.lang.foreign.MemorySegment;

/// All of native memory as one segment. Here, because reinterpreting a segment is a restricted
/// operation, and users grant native access to this module alone.
public final class NativeMemory {
  /// Addresses as offsets; nothing is checked but alignment.
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeMemory() {}
}
