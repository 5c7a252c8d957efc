package dev.pantorch.internal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// The records of a zip archive, with zip64. The JDK's own reader says neither where a record's
/// bytes are, which mapping needs, nor whether their checksum is right. Nothing in the file is
/// believed: records must lie in it one behind the other, each name once.
// Not a general reader: what neither torch.save nor numpy writes (encryption, several disks, other
// compression than deflate) is refused.
public final class ZipReader {
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int END64_BYTES = 56;
  private static final int LOCATOR64_BYTES = 20;
  private static final long MAX32 = 0xFFFFFFFFL;
  private static final int MAX_ENTRIES = 1 << 20;
  private static final long MAX_DIRECTORY = 256L << 20;

  /// Deflate cannot do better than this.
  private static final long MAX_EXPANSION = 1032;

  /// A record.
  ///
  /// @param end where the next record, or the directory, begins
  public record Entry(
      String name,
      boolean deflated,
      int crc,
      long compressed,
      long bytes,
      long header,
      long end,
      int nameBytes) {}

  private final FileChannel file;
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

  private record Directory(long position, long bytes, long entries, long end) {}

  /// Reads the directory.
  ///
  /// @throws IOException if the file is no such archive; says what is wrong
  public ZipReader(FileChannel file) throws IOException {
    this.file = file;
    Directory directory = findDirectory(file.size());
    ByteBuffer bytes = read(directory.position, (int) directory.bytes);
    List<Entry> found = new ArrayList<>();
    for (long i = 0; i < directory.entries; i++) found.add(readEntry(bytes));
    if (bytes.hasRemaining()) {
      throw new IOException(
          "its zip directory has %d bytes more than its %d records need"
              .formatted(bytes.remaining(), directory.entries));
    }
    bound(found, directory.position);
  }

  /// The records by name, in the order of the directory.
  public SequencedMap<String, Entry> entries() {
    return entries;
  }

  /// The record of a name.
  ///
  /// @throws IOException if there is none
  public Entry entry(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) throw new IOException("it has no record '%s'".formatted(name));
    return entry;
  }

  // The directory.

  private Directory findDirectory(long size) throws IOException {
    int tail = (int) Math.min(size, END_BYTES + 0xFFFFL);
    ByteBuffer bytes = read(size - tail, tail);
    for (int at = tail - END_BYTES; at >= 0; at--) {
      if (bytes.getInt(at) == END && (bytes.getShort(at + 20) & 0xFFFF) == tail - at - END_BYTES) {
        return directory(bytes, at, size - tail + at);
      }
    }
    throw new IOException(
        "it begins as a zip archive, but has no zip directory at its end: it was probably cut off");
  }

  private Directory directory(ByteBuffer bytes, int at, long position) throws IOException {
    long disks = bytes.getInt(at + 4);
    long here = bytes.getShort(at + 8) & 0xFFFF;
    long entries = bytes.getShort(at + 10) & 0xFFFF;
    long length = bytes.getInt(at + 12) & MAX32;
    long start = bytes.getInt(at + 16) & MAX32;
    long end = position;
    ByteBuffer end64 = end64(position);
    if (end64 != null) {
      end = end64.getLong(0); // put there by end64()
      disks |= end64.getInt(16) | end64.getInt(20);
      here = wide(here, 0xFFFF, end64.getLong(24), "number of records");
      entries = wide(entries, 0xFFFF, end64.getLong(32), "number of records");
      length = wide(length, MAX32, end64.getLong(40), "length of the directory");
      start = wide(start, MAX32, end64.getLong(48), "position of the directory");
    }
    if (disks != 0 || here != entries) {
      throw new IOException("it is a part of a zip archive of several files");
    }
    if (length < 0 || length > MAX_DIRECTORY || start < 0 || start > end - length) {
      throw new IOException(
          "its zip directory is said to have %d bytes at %d, in a file whose directory ends at %d"
              .formatted(length, start, end));
    }
    if (entries < 0 || entries > Math.min(MAX_ENTRIES, length / CENTRAL_BYTES)) {
      throw new IOException(
          "its zip directory is said to have %d records in %d bytes".formatted(entries, length));
    }
    return new Directory(start, length, entries, end);
  }

  private static long wide(long narrow, long saturated, long wide, String what) throws IOException {
    if (narrow != saturated && narrow != wide) {
      throw new IOException(
          "its zip directory gives two values as %s, %d and %d".formatted(what, narrow, wide));
    }
    return wide;
  }

  /// The wide form of the end record, with its own position in place of its signature.
  private @Nullable ByteBuffer end64(long end) throws IOException {
    if (end < LOCATOR64_BYTES) return null;
    ByteBuffer locator = read(end - LOCATOR64_BYTES, LOCATOR64_BYTES);
    if (locator.getInt(0) != LOCATOR64) return null;
    long position = locator.getLong(8);
    if (position < 0 || position > end - LOCATOR64_BYTES - END64_BYTES) {
      throw new IOException("its zip64 directory is said to be at %d".formatted(position));
    }
    ByteBuffer end64 = read(position, END64_BYTES);
    if (end64.getInt(0) != END64) {
      throw new IOException("there is no zip64 directory at %d".formatted(position));
    }
    return end64.putLong(0, position);
  }

  private static Entry readEntry(ByteBuffer bytes) throws IOException {
    int at = bytes.position();
    if (bytes.remaining() < CENTRAL_BYTES || bytes.getInt(at) != CENTRAL) {
      throw new IOException("its zip directory is broken at its byte %d".formatted(at));
    }
    int flags = bytes.getShort(at + 8);
    int method = bytes.getShort(at + 10);
    int nameBytes = bytes.getShort(at + 28) & 0xFFFF;
    int extraBytes = bytes.getShort(at + 30) & 0xFFFF;
    int commentBytes = bytes.getShort(at + 32) & 0xFFFF;
    if (bytes.remaining() - CENTRAL_BYTES < nameBytes + extraBytes + commentBytes) {
      throw new IOException("its zip directory is broken at its byte %d".formatted(at));
    }
    String name = name(bytes.slice(at + CENTRAL_BYTES, nameBytes));
    if ((flags & 1) != 0) throw new IOException("record '%s' is encrypted".formatted(name));
    if (method != 0 && method != 8) {
      throw new IOException(
          "record '%s' is compressed by method %d; only deflate is known".formatted(name, method));
    }
    ByteBuffer wide = wideFields(bytes.slice(at + CENTRAL_BYTES + nameBytes, extraBytes));
    long size = field(bytes.getInt(at + 24), wide, name);
    long compressed = field(bytes.getInt(at + 20), wide, name);
    long header = field(bytes.getInt(at + 42), wide, name);
    bytes.position(at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes);
    return new Entry(
        name, method == 8, bytes.getInt(at + 16), compressed, size, header, 0, nameBytes);
  }

  private static String name(ByteBuffer bytes) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("a record's name is no valid UTF-8", e);
    }
  }

  private static ByteBuffer wideFields(ByteBuffer extra) {
    extra.order(ByteOrder.LITTLE_ENDIAN);
    while (extra.remaining() >= 4) {
      int id = extra.getShort();
      int length = Math.min(extra.getShort() & 0xFFFF, extra.remaining());
      if (id == 1) {
        return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      }
      extra.position(extra.position() + length);
    }
    return ByteBuffer.allocate(0);
  }

  private static long field(int narrow, ByteBuffer wide, String name) throws IOException {
    if (narrow != -1) return narrow & MAX32;
    long value = wide.remaining() < 8 ? -1 : wide.getLong();
    if (value < 0) throw new IOException("record '%s' lacks its zip64 sizes".formatted(name));
    return value;
  }

  /// Records must not share bytes, so that none is read twice: a small file cannot become a large
  /// one.
  private void bound(List<Entry> found, long directory) throws IOException {
    List<Entry> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingLong(Entry::header));
    List<Entry> bounded = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      Entry e = sorted.get(i);
      long end = i + 1 < sorted.size() ? sorted.get(i + 1).header : directory;
      long room = end - e.header - LOCAL_BYTES - e.nameBytes;
      if (end > directory || e.compressed > room) {
        throw new IOException(
            "record '%s' is said to have %d bytes where %d are"
                .formatted(e.name, e.compressed, Math.max(0, room)));
      }
      if (!e.deflated && e.bytes != e.compressed) {
        throw new IOException(
            "record '%s' is said to have %d bytes, stored as %d"
                .formatted(e.name, e.bytes, e.compressed));
      }
      if (e.deflated && e.bytes > MAX_EXPANSION * (e.compressed + 1)) {
        throw new IOException(
            "record '%s' is said to have %d bytes, compressed to %d, which cannot be"
                .formatted(e.name, e.bytes, e.compressed));
      }
      bounded.add(
          new Entry(e.name, e.deflated, e.crc, e.compressed, e.bytes, e.header, end, e.nameBytes));
    }
    // In the directory's order.
    LinkedHashMap<String, Entry> byName = new LinkedHashMap<>();
    for (Entry e : found) {
      if (byName.put(e.name, e) != null) {
        throw new IOException("record '%s' is there twice".formatted(e.name));
      }
    }
    for (Entry e : bounded) byName.put(e.name, e);
    entries.putAll(byName);
  }

  // Records.

  /// Where a record's bytes begin.
  public long position(Entry entry) throws IOException {
    ByteBuffer local = read(entry.header, LOCAL_BYTES + entry.nameBytes);
    int nameBytes = local.getShort(26) & 0xFFFF;
    if (local.getInt(0) != LOCAL
        || nameBytes != entry.nameBytes
        || !name(local.slice(LOCAL_BYTES, nameBytes)).equals(entry.name)) {
      throw new IOException(
          "there is no record '%s' at %d, where the zip directory has it"
              .formatted(entry.name, entry.header));
    }
    long position = entry.header + LOCAL_BYTES + nameBytes + (local.getShort(28) & 0xFFFF);
    if (entry.compressed > entry.end - position) {
      throw new IOException(
          "record '%s' is said to have %d bytes where %d are"
              .formatted(entry.name, entry.compressed, Math.max(0, entry.end - position)));
    }
    return position;
  }

  /// Reads a record that is small.
  public byte[] bytes(Entry entry, long most) throws IOException {
    if (entry.bytes > most) {
      throw new IOException(
          "record '%s' has %d bytes; at most %d are read".formatted(entry.name, entry.bytes, most));
    }
    byte[] bytes = new byte[(int) entry.bytes];
    read(entry, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Reads a record to memory of its size, and checks its checksum.
  public void read(Entry entry, MemorySegment target) throws IOException {
    CRC32 crc = new CRC32();
    if (entry.deflated) {
      try (DeflatedInput input = open(entry)) {
        input.read(target, crc);
        input.expectEnd();
      }
    } else {
      FileBytes.read(file, position(entry), target, crc);
    }
    checkCrc(entry, crc);
  }

  /// Writes a record's bytes to a file, and checks their checksum.
  public void copy(Entry entry, FileChannel target) throws IOException {
    CRC32 crc = new CRC32();
    MemorySegment piece = MemorySegment.ofArray(new byte[(int) Math.min(entry.bytes, 1 << 20)]);
    long position = position(entry);
    try (DeflatedInput input = entry.deflated ? open(entry) : null) {
      for (long done = 0; done < entry.bytes; done += piece.byteSize()) {
        MemorySegment part = piece.asSlice(0, Math.min(piece.byteSize(), entry.bytes - done));
        if (input == null) {
          FileBytes.read(file, position + done, part, crc);
        } else {
          input.read(part, crc);
        }
        FileBytes.write(target, part, null);
      }
      if (input != null) input.expectEnd();
    }
    checkCrc(entry, crc);
  }

  public void checkCrc(Entry entry, CRC32 crc) throws IOException {
    if ((int) crc.getValue() != entry.crc) {
      throw new IOException(
          "record '%s' has the checksum %08x, but should have %08x: the file is damaged"
              .formatted(entry.name, (int) crc.getValue(), entry.crc));
    }
  }

  /// The bytes of a compressed record, one after the other.
  public DeflatedInput open(Entry entry) throws IOException {
    return new DeflatedInput(entry, position(entry));
  }

  public final class DeflatedInput implements AutoCloseable {
    private final Entry entry;
    private final Inflater inflater = new Inflater(true);
    private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 16);
    private long at;
    private long left;

    private DeflatedInput(Entry entry, long position) {
      this.entry = entry;
      this.at = position;
      this.left = entry.compressed;
    }

    /// Fills memory with the next bytes.
    public void read(MemorySegment target, CRC32 crc) throws IOException {
      long piece = 1L << 20;
      for (long done = 0; done < target.byteSize(); done += piece) {
        ByteBuffer part =
            target.asSlice(done, Math.min(piece, target.byteSize() - done)).asByteBuffer();
        while (part.hasRemaining()) {
          if (inflate(part) == 0) {
            throw new IOException(
                "record '%s' is compressed to less than its %d bytes"
                    .formatted(entry.name, entry.bytes));
          }
        }
        crc.update(part.flip());
      }
    }

    public void expectEnd() throws IOException {
      if (inflate(ByteBuffer.allocate(1)) != 0 || left + inflater.getRemaining() != 0) {
        throw new IOException(
            "record '%s' is compressed to more than its %d bytes"
                .formatted(entry.name, entry.bytes));
      }
    }

    private int inflate(ByteBuffer target) throws IOException {
      try {
        while (true) {
          int count = inflater.inflate(target);
          if (count > 0 || inflater.finished()) return count;
          if (inflater.needsDictionary() || left == 0) return 0;
          input.clear().limit((int) Math.min(input.capacity(), left));
          int length = input.limit();
          FileBytes.readFully(file, at, input);
          inflater.setInput(input.flip());
          at += length;
          left -= length;
        }
      } catch (DataFormatException e) {
        throw new IOException(
            "record '%s' is badly compressed: %s".formatted(entry.name, e.getMessage()), e);
      }
    }

    @Override
    public void close() {
      inflater.end();
    }
  }

  private ByteBuffer read(long position, int count) throws IOException {
    if (position < 0 || position > file.size() - count) {
      throw new IOException(
          "it should have %d bytes at %d, but ends before".formatted(count, position));
    }
    return ByteBuffer.wrap(FileBytes.read(file, position, count)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
