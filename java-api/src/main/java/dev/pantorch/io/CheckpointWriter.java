package dev.pantorch.io;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.AtomicFile;
import dev.pantorch.internal.FileBytes;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes what `torch.load` reads. Pickles are made in memory; tensors go from their memory to the
/// file.
final class CheckpointWriter {
  /// The number that files of the older format begin with, and the version that follows it.
  static final String LEGACY_MAGIC = "119547037146038801333356";

  static final int LEGACY_VERSION = 1001;

  private CheckpointWriter() {}

  static void write(@Nullable Object value, Path path, SaveOptions options) throws IOException {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      TensorPickler tensors = new TensorPickler(options.isZip());
      byte[] pickle = Pickler.pickle(value, tensors);
      AtomicFile.write(
          path,
          file -> {
            if (options.isZip()) {
              writeZip(file, folderName(path), pickle, tensors.storages());
            } else {
              writeLegacy(file, pickle, tensors.storages());
            }
          });
    }
  }

  /// Python names the records' folder after the file.
  private static String folderName(Path path) {
    Path file = path.getFileName();
    String name = file == null ? "" : file.toString();
    int dot = name.lastIndexOf('.');
    if (dot >= 0) name = name.substring(0, dot);
    boolean plain = StandardCharsets.US_ASCII.newEncoder().canEncode(name);
    return name.isEmpty() || !plain ? "archive" : name;
  }

  private static void writeZip(
      FileChannel file, String folder, byte[] pickle, List<TensorPickler.Storage> storages)
      throws IOException {
    ZipWriter zip = new ZipWriter(file);
    Fingerprint fingerprint = new Fingerprint(zip, folder);
    fingerprint.write("data.pkl", pickle);
    fingerprint.write(".format_version", "1");
    fingerprint.write(".storage_alignment", String.valueOf(ZipWriter.ALIGNMENT));
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    fingerprint.write("byteorder", little ? "little" : "big");
    for (TensorPickler.Storage storage : storages) {
      fingerprint.add(
          "data/" + storage.key(),
          zip.write(
              folder + "/data/" + storage.key(),
              storage.bytes(),
              (channel, crc) ->
                  TensorPickler.use(storage, memory -> FileBytes.write(channel, memory, crc))));
    }
    fingerprint.write("version", "3\n");
    fingerprint.write(".data/serialization_id", fingerprint.toString());
    zip.finish();
  }

  /// A number that tells files of other contents apart, as PyTorch has it: of names and checksums.
  private static final class Fingerprint {
    private final ZipWriter zip;
    private final String folder;
    private long names;
    private long contents;

    Fingerprint(ZipWriter zip, String folder) {
      this.zip = zip;
      this.folder = folder;
    }

    void write(String name, String text) throws IOException {
      write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    void write(String name, byte[] bytes) throws IOException {
      add(name, zip.write(folder + "/" + name, bytes));
    }

    void add(String name, int crc) {
      names = combine(names, name.hashCode());
      contents = combine(contents, crc & 0xFFFFFFFFL);
    }

    private static long combine(long seed, long value) {
      return seed ^ (value + 0x9e3779b9L + (seed << 6) + (seed >>> 2));
    }

    /// Twice 20 digits.
    @Override
    public String toString() {
      return pad(names) + pad(contents);
    }

    private static String pad(long value) {
      String digits = Long.toUnsignedString(value);
      return "0".repeat(20 - digits.length()) + digits;
    }
  }

  private static void writeLegacy(
      FileChannel file, byte[] pickle, List<TensorPickler.Storage> storages) throws IOException {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException(
          "the older format is little-endian, this machine is not; save as a zip archive");
    }
    List<TensorPickler.Storage> sorted = new ArrayList<>(storages);
    sorted.sort(Comparator.comparing(TensorPickler.Storage::key));
    writePickle(file, new BigInteger(LEGACY_MAGIC));
    writePickle(file, LEGACY_VERSION);
    Map<String, Object> system = new LinkedHashMap<>();
    system.put("protocol_version", LEGACY_VERSION);
    system.put("little_endian", true);
    Map<String, Object> sizes = new LinkedHashMap<>();
    sizes.put("short", 2);
    sizes.put("int", 4);
    sizes.put("long", 4);
    system.put("type_sizes", sizes);
    writePickle(file, system);
    FileBytes.write(file, ByteBuffer.wrap(pickle));
    writePickle(file, sorted.stream().map(TensorPickler.Storage::key).toList());
    for (TensorPickler.Storage storage : sorted) {
      int itemSize = storage.dtype().itemSize();
      long count = storage.bytes() / itemSize;
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      FileBytes.write(file, length.putLong(count).flip());
      TensorPickler.use(
          storage, memory -> FileBytes.write(file, memory.asSlice(0, count * itemSize), null));
    }
  }

  private static void writePickle(FileChannel file, Object value) throws IOException {
    byte[] bytes =
        Pickler.pickle(
            value,
            (_, _) -> {
              throw new IllegalStateException("no tensor here");
            });
    FileBytes.write(file, ByteBuffer.wrap(bytes));
  }
}
