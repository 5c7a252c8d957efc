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

  /// Copies the first elements of a primitive array in.
  ///
  /// Array copies name the array and its layout, and never make a segment of it: below 64 bytes a
  /// copy between segments stores longs into an array of floats or ints, which a compiler has to
  /// see through to read the array's elements afterwards. Once, under load, one was read as 0.
  static void copyIn(Object array, int count, ValueLayout layout, long address) {
    MemorySegment.copy(array, 0, ALL, layout, address, count);
  }

  /// Fills the first elements of a primitive array.
  static void copyOut(long address, ValueLayout layout, Object array, int count) {
    MemorySegment.copy(ALL, layout, address, array, 0, count);
  }

  /// The text of `length` bytes at an address.
  public static String getString(long address, long length) {
    return new String(getBytes(address, length), StandardCharsets.UTF_8);
  }

  static byte[] getBytes(long address, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, bytes, 0, bytes.length);
    return bytes;
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
