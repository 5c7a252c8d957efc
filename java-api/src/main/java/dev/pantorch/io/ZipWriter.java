package dev.pantorch.io;

import dev.pantorch.internal.FileBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/// Writes zip archives byte by byte as PyTorch does: records are stored, each begins at a multiple
/// of 64 bytes, its checksum stands behind it, and what exceeds 4 GiB is in zip64.
final class ZipWriter {
  static final int ALIGNMENT = 64;

  private static final long MAX32 = 0xFFFFFFFFL;

  /// A descriptor behind the bytes, a name in UTF-8.
  private static final short FLAGS = 0x0808;

  private final FileChannel file;
  private final List<Written> records = new ArrayList<>();

  @SuppressWarnings("ArrayRecordComponent") // a name in bytes, for this class only
  private record Written(byte[] name, int crc, long bytes, long header) {
    boolean isWide() {
      return bytes >= MAX32 || header >= MAX32;
    }
  }

  /// What writes the bytes of a record.
  @FunctionalInterface
  interface Body {
    void writeTo(FileChannel file, CRC32 crc) throws IOException;
  }

  ZipWriter(FileChannel file) {
    this.file = file;
  }

  /// Appends a record.
  int write(String name, byte[] bytes) throws IOException {
    return write(
        name, bytes.length, (f, crc) -> FileBytes.write(f, MemorySegment.ofArray(bytes), crc));
  }

  /// Appends a record.
  ///
  /// @param bytes how many bytes the body writes
  /// @return the checksum
  int write(String name, long bytes, Body body) throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    long header = file.position();
    Written wide = new Written(nameBytes, 0, bytes, header);
    byte[] extra = wideFields(wide);
    long start = header + 30 + nameBytes.length + extra.length + 4;
    int padding = (int) (Math.ceilDiv(start, ALIGNMENT) * ALIGNMENT - start);
    ByteBuffer local = buffer(30 + nameBytes.length + extra.length + 4 + padding);
    local.putInt(0x04034b50).putShort((short) 0).putShort(FLAGS).position(26);
    local.putShort((short) nameBytes.length).putShort((short) (extra.length + 4 + padding));
    local.put(nameBytes).put(extra).put((byte) 'F').put((byte) 'B').putShort((short) padding);
    byte[] fill = new byte[padding];
    Arrays.fill(fill, (byte) 'Z');
    FileBytes.write(file, local.put(fill).flip());

    CRC32 crc = new CRC32();
    body.writeTo(file, crc);
    Written record = new Written(nameBytes, (int) crc.getValue(), bytes, header);
    if (bytes > 0) {
      ByteBuffer descriptor = buffer(record.isWide() ? 24 : 16);
      descriptor.putInt(0x08074b50).putInt(record.crc);
      if (record.isWide()) {
        descriptor.putLong(bytes).putLong(bytes);
      } else {
        descriptor.putInt((int) bytes).putInt((int) bytes);
      }
      FileBytes.write(file, descriptor.flip());
    }
    records.add(record);
    return record.crc;
  }

  /// Appends the directory.
  void finish() throws IOException {
    long start = file.position();
    for (Written record : records) {
      byte[] extra = wideFields(record);
      ByteBuffer central = buffer(46 + record.name.length + extra.length);
      int bytes = (int) Math.min(record.bytes, MAX32);
      central.putInt(0x02014b50).putInt(0).putShort(FLAGS).position(16);
      central.putInt(record.crc).putInt(bytes).putInt(bytes);
      central.putShort((short) record.name.length).putShort((short) extra.length).position(42);
      central.putInt((int) Math.min(record.header, MAX32)).put(record.name).put(extra);
      FileBytes.write(file, central.flip());
    }
    long end = file.position();
    long count = records.size();
    ByteBuffer last = buffer(56 + 20 + 22);
    last.putInt(0x06064b50).putLong(44).putShort((short) 0x031e).putShort((short) 45);
    last.putLong(0).putLong(count).putLong(count).putLong(end - start).putLong(start);
    last.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
    last.putInt(0x06054b50).putInt(0);
    last.putShort((short) Math.min(count, 0xFFFF)).putShort((short) Math.min(count, 0xFFFF));
    last.putInt((int) Math.min(end - start, MAX32)).putInt((int) Math.min(start, MAX32));
    FileBytes.write(file, last.putShort((short) 0).flip());
  }

  private static byte[] wideFields(Written record) {
    if (!record.isWide()) return new byte[0];
    int fields = (record.bytes >= MAX32 ? 2 : 0) + (record.header >= MAX32 ? 1 : 0);
    byte[] bytes = new byte[4 + 8 * fields];
    ByteBuffer extra = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    extra.putShort((short) 1).putShort((short) (8 * fields));
    if (record.bytes >= MAX32) extra.putLong(record.bytes).putLong(record.bytes);
    if (record.header >= MAX32) extra.putLong(record.header);
    return bytes;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
