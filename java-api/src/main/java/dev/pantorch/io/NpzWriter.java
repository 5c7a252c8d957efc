package dev.pantorch.io;

import dev.pantorch.internal.FileBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Writes zip archives byte by byte as Python's `zipfile` does for numpy: sizes stand before a
/// record, in zip64 whatever they are, and the date is always that of the first day there is.
final class NpzWriter {
  private static final short VERSION = 45;
  private static final short DATE = 0x21;
  private static final short UTF8 = 0x800;
  private static final int LOCAL_BYTES = 30;

  /// From here on `zipfile` uses zip64.
  private static final long LIMIT = Integer.MAX_VALUE;

  private final FileChannel file;
  private final boolean compressed;
  private final List<Written> records = new ArrayList<>();

  @SuppressWarnings("ArrayRecordComponent") // a name in bytes, for this class only
  private record Written(byte[] name, short flags, int crc, long stored, long bytes, long header) {}

  NpzWriter(FileChannel file, boolean compressed) {
    this.file = file;
    this.compressed = compressed;
  }

  private short method() {
    return (short) (compressed ? 8 : 0);
  }

  /// Appends a record of two parts.
  void write(String name, byte[] front, MemorySegment rest) throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    short flags = nameBytes.length == name.length() ? 0 : UTF8;
    long header = file.position();
    long start = header + LOCAL_BYTES + nameBytes.length + 20;
    file.position(start);
    CRC32 crc = new CRC32();
    MemorySegment first = MemorySegment.ofArray(front);
    if (compressed) {
      Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      try {
        deflate(deflater, first, crc, false);
        deflate(deflater, rest, crc, true);
      } finally {
        deflater.end();
      }
    } else {
      FileBytes.write(file, first, crc);
      FileBytes.write(file, rest, crc);
    }
    Written record =
        new Written(
            nameBytes,
            flags,
            (int) crc.getValue(),
            file.position() - start,
            front.length + rest.byteSize(),
            header);
    records.add(record);
    writeHeader(record);
  }

  private void writeHeader(Written record) throws IOException {
    ByteBuffer local = buffer(LOCAL_BYTES + record.name.length + 20);
    local.putInt(0x04034b50).putShort(VERSION).putShort(record.flags).putShort(method());
    local.putShort((short) 0).putShort(DATE).putInt(record.crc).putInt(-1).putInt(-1);
    local.putShort((short) record.name.length).putShort((short) 20).put(record.name);
    local.putShort((short) 1).putShort((short) 16).putLong(record.bytes).putLong(record.stored);
    long end = file.position();
    file.position(record.header);
    FileBytes.write(file, local.flip());
    file.position(end);
  }

  private void deflate(Deflater deflater, MemorySegment bytes, CRC32 crc, boolean last)
      throws IOException {
    ByteBuffer output = ByteBuffer.allocateDirect(1 << 16);
    long piece = 1L << 20;
    for (long done = 0; done < bytes.byteSize(); done += piece) {
      ByteBuffer input =
          bytes.asSlice(done, Math.min(piece, bytes.byteSize() - done)).asByteBuffer();
      crc.update(input.duplicate());
      deflater.setInput(input);
      while (!deflater.needsInput()) drain(deflater, output);
    }
    if (!last) return;
    deflater.finish();
    while (!deflater.finished()) drain(deflater, output);
  }

  private void drain(Deflater deflater, ByteBuffer output) throws IOException {
    deflater.deflate(output.clear());
    FileBytes.write(file, output.flip());
  }

  /// Appends the directory.
  void finish() throws IOException {
    long start = file.position();
    for (Written record : records) FileBytes.write(file, central(record));
    long end = file.position();
    int count = records.size();
    if (count > 0xFFFF || start > LIMIT || end - start > LIMIT) {
      ByteBuffer wide = buffer(56 + 20);
      wide.putInt(0x06064b50).putLong(44).putShort(VERSION).putShort(VERSION).putLong(0);
      wide.putLong(count).putLong(count).putLong(end - start).putLong(start);
      wide.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
      FileBytes.write(file, wide.flip());
    }
    short few = (short) Math.min(count, 0xFFFF);
    ByteBuffer last = buffer(22).putInt(0x06054b50).putInt(0).putShort(few).putShort(few);
    last.putInt((int) Math.min(end - start, 0xFFFFFFFFL));
    last.putInt((int) Math.min(start, 0xFFFFFFFFL)).putShort((short) 0);
    FileBytes.write(file, last.flip());
  }

  private ByteBuffer central(Written record) {
    boolean wideSize = record.bytes > LIMIT || record.stored > LIMIT;
    boolean wideHeader = record.header > LIMIT;
    int extra = wideSize || wideHeader ? 4 + (wideSize ? 16 : 0) + (wideHeader ? 8 : 0) : 0;
    ByteBuffer central = buffer(46 + record.name.length + extra);
    central.putInt(0x02014b50).putShort((short) (VERSION | 3 << 8)).putShort(VERSION);
    central.putShort(record.flags).putShort(method()).putShort((short) 0).putShort(DATE);
    central.putInt(record.crc);
    central.putInt(wideSize ? -1 : (int) record.stored);
    central.putInt(wideSize ? -1 : (int) record.bytes);
    central.putShort((short) record.name.length).putShort((short) extra).position(38);
    central.putInt(0600 << 16).putInt(wideHeader ? -1 : (int) record.header).put(record.name);
    if (extra > 0) {
      central.putShort((short) 1).putShort((short) (extra - 4));
      if (wideSize) central.putLong(record.bytes).putLong(record.stored);
      if (wideHeader) central.putLong(record.header);
    }
    return central.flip();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
