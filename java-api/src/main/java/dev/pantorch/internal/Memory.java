package dev.pantorch.internal;

import dev.pantorch.ffi.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Raw native memory by address. The addresses come from the shim or from this library's own
/// frames, never from a user, so there is nothing to check beyond what the caller already knows.
public final class Memory {
  private static final MemorySegment ALL = NativeMemory.ALL;

  private Memory() {}

  public static long getLong(long address) {
    return ALL.get(ValueLayout.JAVA_LONG, address);
  }

  public static void putLong(long address, long value) {
    ALL.set(ValueLayout.JAVA_LONG, address, value);
  }

  public static double getDouble(long address) {
    return ALL.get(ValueLayout.JAVA_DOUBLE, address);
  }

  public static void putDouble(long address, double value) {
    ALL.set(ValueLayout.JAVA_DOUBLE, address, value);
  }

  public static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  public static void putByte(long address, byte value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, value);
  }

  /// Copies bytes in.
  public static void putBytes(long address, byte[] bytes) {
    MemorySegment.copy(bytes, 0, ALL, ValueLayout.JAVA_BYTE, address, bytes.length);
  }

  /// The text of `length` bytes at an address.
  public static String getString(long address, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// The NUL-terminated text at an address.
  public static String getCString(long address) {
    return ALL.getString(address);
  }

  /// The `bytes` bytes at an address as a segment that nothing keeps alive: for copies only.
  public static MemorySegment segment(long address, long bytes) {
    return ALL.asSlice(address, bytes);
  }
}
