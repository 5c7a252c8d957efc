package dev.pantorch.io;

import dev.pantorch.internal.FileBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where pickles are read from: bytes in memory, or a file from some position on.
final class PickleSource {
  private static final int MAX_LINE = 1 << 16;

  private final @Nullable FileChannel file;
  private final ByteBuffer buffer;
  private final long end;
  private long bufferStart;

  PickleSource(byte[] bytes) {
    file = null;
    buffer = ByteBuffer.wrap(bytes);
    end = bytes.length;
  }

  PickleSource(FileChannel file, long start) throws IOException {
    this.file = file;
    bufferStart = start;
    buffer = ByteBuffer.allocate(1 << 16).limit(0);
    end = file.size();
  }

  /// Where the next byte is.
  long position() {
    return bufferStart + buffer.position();
  }

  long remaining() {
    return end - position();
  }

  private void need(int count) throws IOException {
    if (buffer.remaining() >= count) return;
    if (file == null || remaining() < count) {
      throw new EOFException("the pickle ends at byte %d, in the middle".formatted(end));
    }
    bufferStart = position();
    buffer.clear().limit((int) Math.min(buffer.capacity(), end - bufferStart));
    FileBytes.readFully(file, bufferStart, buffer);
    buffer.flip();
  }

  int u8() throws IOException {
    need(1);
    return buffer.get() & 0xFF;
  }

  int u16() throws IOException {
    need(2);
    return Short.toUnsignedInt(Short.reverseBytes(buffer.getShort()));
  }

  int i32() throws IOException {
    need(4);
    return Integer.reverseBytes(buffer.getInt());
  }

  long u32() throws IOException {
    return Integer.toUnsignedLong(i32());
  }

  long i64() throws IOException {
    need(8);
    return Long.reverseBytes(buffer.getLong());
  }

  /// A big-endian double.
  double f64() throws IOException {
    need(8);
    return buffer.getDouble();
  }

  /// Some bytes, no more than there are.
  byte[] bytes(long count) throws IOException {
    if (count < 0 || count > remaining() || count > Integer.MAX_VALUE - 8) {
      throw new EOFException(
          "the pickle wants %s bytes at byte %d, but has %d"
              .formatted(Long.toUnsignedString(count), position(), remaining()));
    }
    byte[] bytes = new byte[(int) count];
    for (int done = 0; done < bytes.length; ) {
      need(1);
      int piece = Math.min(bytes.length - done, buffer.remaining());
      buffer.get(bytes, done, piece);
      done += piece;
    }
    return bytes;
  }

  /// The bytes up to the end of a line.
  byte[] line() throws IOException {
    byte[] line = new byte[64];
    int length = 0;
    for (int c = u8(); c != '\n'; c = u8()) {
      if (length == MAX_LINE) {
        throw new IOException("the pickle has a line without end at byte " + position());
      }
      if (length == line.length) line = Arrays.copyOf(line, 2 * length);
      line[length++] = (byte) c;
    }
    return Arrays.copyOf(line, length);
  }
}
