package dev.pantorch.internal;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Moves bytes between files and memory, native memory too, without a copy on the heap.
public final class FileBytes {
  /// Small enough that a checksum finds the bytes in the processor's cache.
  private static final long PIECE = 1L << 20;

  private FileBytes() {}

  /// Fills memory from a position of a file.
  public static void read(
      FileChannel file, long position, MemorySegment target, @Nullable CRC32 crc)
      throws IOException {
    for (long done = 0; done < target.byteSize(); done += PIECE) {
      ByteBuffer piece = piece(target, done);
      readFully(file, position + done, piece);
      if (crc != null) crc.update(piece.flip());
    }
  }

  /// Reads some bytes that are few.
  public static byte[] read(FileChannel file, long position, int count) throws IOException {
    byte[] bytes = new byte[count];
    readFully(file, position, ByteBuffer.wrap(bytes));
    return bytes;
  }

  public static void readFully(FileChannel file, long position, ByteBuffer target)
      throws IOException {
    long start = position - target.position();
    while (target.hasRemaining()) {
      if (file.read(target, start + target.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
  }

  /// Appends memory to a file.
  public static void write(FileChannel file, MemorySegment source, @Nullable CRC32 crc)
      throws IOException {
    for (long done = 0; done < source.byteSize(); done += PIECE) {
      ByteBuffer piece = piece(source, done);
      if (crc != null) crc.update(piece.duplicate());
      write(file, piece);
    }
  }

  public static void write(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) file.write(bytes);
  }

  private static ByteBuffer piece(MemorySegment memory, long from) {
    return memory.asSlice(from, Math.min(PIECE, memory.byteSize() - from)).asByteBuffer();
  }
}
