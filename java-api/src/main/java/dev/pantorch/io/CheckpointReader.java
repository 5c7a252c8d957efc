package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.FileBytes;
import dev.pantorch.internal.ZipReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what `torch.save` wrote: zip archives, and the older format.
final class CheckpointReader {
  private static final long MAX_PICKLE = 1L << 30;
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final int TAR_MAGIC_AT = 257;

  private final FileChannel file;
  private final LoadOptions options;
  private final Budget budget;

  private CheckpointReader(FileChannel file, LoadOptions options) {
    this.file = file;
    this.options = options;
    this.budget = options.budget();
  }

  static @Nullable Object read(Path path, LoadOptions options) throws IOException {
    try (FileChannel file = open(path, options)) {
      return new CheckpointReader(file, options).read();
    } catch (AccessDeniedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("%s cannot be loaded: %s".formatted(path, e.getMessage()), e);
    }
  }

  /// The JDK maps copies of pages only of a file that it may write.
  private static FileChannel open(Path path, LoadOptions options) throws IOException {
    if (options.isMapped()) {
      try {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      } catch (AccessDeniedException e) {
        options.mmap(false);
      }
    }
    return FileChannel.open(path);
  }

  /// Runs in a scope of its own, which frees what only the reading needed, or all if it fails.
  private @Nullable Object read() throws IOException {
    @Nullable Object[] value = new Object[1];
    try (var mode = Torch.noGrad()) {
      TensorScope.scope(() -> {
        try {
          value[0] = isZip() ? readZip() : readLegacy();
          return List.copyOf(ValueWalk.tensors(value[0]));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return value[0];
  }

  private boolean isZip() throws IOException {
    if (file.size() < ZIP.length) {
      throw new IOException("it has %d bytes, too few for any format".formatted(file.size()));
    }
    return Arrays.equals(FileBytes.read(file, 0, ZIP.length), ZIP);
  }

  // Zip archives.

  private @Nullable Object readZip() throws IOException {
    ZipReader zip = new ZipReader(file);
    if (zip.entries().isEmpty()) throw new IOException("its zip archive is empty");
    String first = zip.entries().firstEntry().getKey();
    int slash = first.indexOf('/');
    if (slash < 0) {
      throw new IOException(
          "it is a zip archive, but none that torch.save wrote: '%s' is in no folder"
              .formatted(PickleText.shortened(first)));
    }
    String folder = first.substring(0, slash + 1);
    if (zip.entries().containsKey(folder + "constants.pkl")) {
      throw new IOException(
          "it is a TorchScript archive (did you mean to load it as a TorchScript module?)");
    }
    byte[] pickle = zip.bytes(zip.entry(folder + "data.pkl"), MAX_PICKLE);
    ByteOrder order = byteOrder(zip, folder + "byteorder");
    StorageReader storages = new ZipStorages(zip, folder + "data/", order);
    return new Unpickler(
            new PickleSource(pickle), new TorchVocabulary(storages, options, budget), budget)
        .load();
  }

  private static ByteOrder byteOrder(ZipReader zip, String name) throws IOException {
    if (!zip.entries().containsKey(name)) return ByteOrder.LITTLE_ENDIAN;
    String order = new String(zip.bytes(zip.entry(name), 16), StandardCharsets.US_ASCII);
    return switch (order) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw new IOException("Unknown endianness type: " + order);
    };
  }

  private final class ZipStorages extends StorageReader {
    private final ZipReader zip;
    private final String folder;
    private final ByteOrder order;

    ZipStorages(ZipReader zip, String folder, ByteOrder order) {
      super(file, options);
      this.zip = zip;
      this.folder = folder;
      this.order = order;
    }

    @Override
    Place find(String key, DType dtype) throws IOException {
      ZipReader.Entry entry = zip.entry(folder + key);
      long position = entry.deflated() ? -1 : zip.position(entry);
      return new Place(position, entry.bytes(), order != ByteOrder.nativeOrder());
    }

    @Override
    void fill(String key, Place place, MemorySegment memory) throws IOException {
      zip.read(zip.entry(folder + key), memory);
    }
  }

  // The older format: pickles of a magic number, a version, the system, the value and the keys of
  // its storages, then the storages.

  private @Nullable Object readLegacy() throws IOException {
    PickleSource in = new PickleSource(file, 0);
    if (!new BigInteger(CheckpointWriter.LEGACY_MAGIC).equals(magic(in))) {
      throw new IOException("Invalid magic number; corrupt file?");
    }
    Object version = new Unpickler(in, new Stubs(), budget).load();
    if (!Integer.valueOf(CheckpointWriter.LEGACY_VERSION).equals(version)) {
      throw new IOException("Invalid protocol version: " + version);
    }
    new Unpickler(in, new Stubs(), budget).load();
    long start = in.position();

    Stubs declared = new Stubs();
    new Unpickler(in, declared, budget).load();
    Object keys = new Unpickler(in, new Stubs(), budget).load();
    if (!(keys instanceof List<?> list)) throw new IOException("it has no list of its storages");
    LegacyStorages storages = new LegacyStorages(declared.itemSizes, list, in.position());
    return new Unpickler(
            new PickleSource(file, start), new TorchVocabulary(storages, options, budget), budget)
        .load();
  }

  private @Nullable Object magic(PickleSource in) throws IOException {
    try {
      return new Unpickler(in, new Stubs(), budget).load();
    } catch (IOException e) {
      if (isTar()) {
        throw new IOException(
            "it is in the tar format that PyTorch wrote before 0.1.10, which Python's"
                + " torch.load(weights_only=True) does not read either; load it in Python with"
                + " weights_only=False and save it again",
            e);
      }
      throw new IOException(
          "it is neither a zip archive nor in PyTorch's older format: " + e.getMessage(), e);
    }
  }

  private boolean isTar() throws IOException {
    return file.size() > TAR_MAGIC_AT + 5
        && new String(FileBytes.read(file, TAR_MAGIC_AT, 5), StandardCharsets.US_ASCII)
            .equals("ustar");
  }

  /// Runs a pickle for the storages that it names alone: they stand behind it, but tensors need
  /// them.
  private final class Stubs implements Unpickler.Vocabulary {
    private final Map<String, Integer> itemSizes = new HashMap<>();
    private final Tensor none = Torch.empty(DType.UINT8, 0);
    private final TorchVocabulary names =
        new TorchVocabulary(
            (dtype, key, _, _) -> {
              itemSizes.putIfAbsent(key, dtype.itemSize());
              return new TorchVocabulary.Storage(dtype, none, 0, Long.MAX_VALUE);
            },
            options,
            budget);

    @Override
    public Object global(String module, String name) throws IOException {
      return names.global(module, name);
    }

    @Override
    public @Nullable Object call(Object function, Tuple arguments) throws IOException {
      return TorchVocabulary.makesTensor(function) ? this : names.call(function, arguments);
    }

    @Override
    public Object build(Object object, @Nullable Object state) throws IOException {
      return names.build(object, state);
    }

    @Override
    public Object persistent(@Nullable Object id) throws IOException {
      names.persistent(id);
      return this;
    }
  }

  private final class LegacyStorages extends StorageReader {
    private final Map<String, Place> places = new HashMap<>();

    LegacyStorages(Map<String, Integer> itemSizes, List<?> keys, long start) throws IOException {
      super(file, options);
      long position = start;
      for (Object each : keys) {
        String key = String.valueOf(each);
        Integer itemSize = itemSizes.get(key);
        if (itemSize == null || places.containsKey(key)) {
          throw new IOException("storage '%s' is listed, but not once used".formatted(key));
        }
        if (position > file.size() - 8) {
          throw new IOException("it ends before storage '%s'".formatted(key));
        }
        long count =
            ByteBuffer.wrap(FileBytes.read(file, position, 8))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        position += 8;
        if (count < 0 || count > (file.size() - position) / itemSize) {
          throw new IOException(
              "storage '%s' is said to have %d elements, but only %d bytes follow"
                  .formatted(key, count, file.size() - position));
        }
        boolean swapped = ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN;
        places.put(key, new Place(position, count * itemSize, swapped));
        position += count * itemSize;
      }
    }

    @Override
    Place find(String key, DType dtype) throws IOException {
      Place place = places.get(key);
      if (place == null) throw new IOException("it has no storage '%s'".formatted(key));
      return place;
    }

    @Override
    void fill(String key, Place place, MemorySegment memory) throws IOException {
      FileBytes.read(file, place.position(), memory, null);
    }
  }
}
