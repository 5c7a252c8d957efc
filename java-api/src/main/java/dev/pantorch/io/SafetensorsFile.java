package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.FileBytes;
import dev.pantorch.internal.StorageMemory;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/// An open safetensors file: says what is in it, and reads the tensors that are asked for. Python's
/// `safe_open`.
///
/// ```java
/// try (SafetensorsFile file = Safetensors.open(Path.of("model.safetensors"))) {
///   for (String name : file.keys()) {
///     System.out.println(name + " " + file.dtype(name) + " " + Arrays.toString(file.shape(name)));
///   }
///   Tensor weight = file.get("fc.weight");
/// }
/// ```
public final class SafetensorsFile implements AutoCloseable {
  /// The largest header that is read, as in the format's own library.
  private static final long MAX_HEADER = 100_000_000;

  private final Path path;
  private final FileChannel file;
  private final SafetensorsHeader header;
  private final long start;

  private SafetensorsFile(Path path, FileChannel file, SafetensorsHeader header, long start) {
    this.path = path;
    this.file = file;
    this.header = header;
    this.start = start;
  }

  /// Opens a file and reads its header.
  static SafetensorsFile open(Path path, OpenOption... options) throws IOException {
    FileChannel file = FileChannel.open(path, options);
    try {
      return open(path, file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static SafetensorsFile open(Path path, FileChannel file) throws IOException {
    long size = file.size();
    if (size < 8) {
      throw invalid(
          path, "it has %d bytes, less than the length of a header".formatted(size), null);
    }
    long length =
        ByteBuffer.wrap(FileBytes.read(file, 0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > MAX_HEADER || length > size - 8) {
      throw invalid(
          path,
          "its header has a length of %s bytes; at most %d are possible"
              .formatted(Long.toUnsignedString(length), Math.min(MAX_HEADER, size - 8)),
          null);
    }
    byte[] json = FileBytes.read(file, 8, (int) length);
    try {
      SafetensorsHeader header = SafetensorsHeader.parse(json, size - 8 - length);
      return new SafetensorsFile(path, file, header, 8 + length);
    } catch (IOException e) {
      throw invalid(path, String.valueOf(e.getMessage()), e);
    }
  }

  static IOException invalid(Path path, String why, @Nullable Throwable cause) {
    return new IOException(path + " is no valid safetensors file: " + why, cause);
  }

  /// The names of the tensors.
  ///
  /// @return a read-only view, in the order of their bytes
  public SequencedSet<String> keys() {
    return Collections.unmodifiableSequencedSet(header.tensors().sequencedKeySet());
  }

  /// The texts that the file carries beside its tensors.
  ///
  /// @return a read-only view
  public SequencedMap<String, String> metadata() {
    return Collections.unmodifiableSequencedMap(header.metadata());
  }

  /// The dtype of a tensor.
  ///
  /// @param name its name
  /// @return the dtype
  /// @throws IllegalArgumentException if there is none of the name
  public DType dtype(String name) {
    return entry(name).dtype();
  }

  /// The sizes of a tensor.
  ///
  /// @param name its name
  /// @return a new array
  /// @throws IllegalArgumentException if there is none of the name
  public long[] shape(String name) {
    return entry(name).shape().clone();
  }

  /// Reads a tensor.
  ///
  /// @param name its name
  /// @return a new tensor, on the CPU
  /// @throws IOException if it cannot be read
  /// @throws IllegalArgumentException if there is none of the name
  public Tensor get(String name) throws IOException {
    SafetensorsHeader.Entry entry = entry(name);
    Tensor tensor = Torch.empty(entry.dtype().on(Device.CPU), entry.shape());
    if (entry.bytes() == 0) return tensor;
    try {
      StorageMemory.use(
          tensor, memory -> FileBytes.read(file, start + entry.begin(), memory, null));
      return tensor;
    } catch (EOFException e) {
      tensor.close();
      throw invalid(path, String.valueOf(e.getMessage()), e);
    }
  }

  /// The bytes of all tensors as memory.
  MemorySegment map() throws IOException {
    long bytes = header.dataBytes();
    return bytes == 0
        ? MemorySegment.NULL
        : file.map(MapMode.PRIVATE, start, bytes, Arena.ofAuto());
  }

  /// A tensor over mapped memory, or a copy if its bytes are not aligned.
  Tensor mapped(MemorySegment all, String name) {
    SafetensorsHeader.Entry entry = entry(name);
    if (entry.bytes() == 0) return Torch.empty(entry.dtype().on(Device.CPU), entry.shape());
    MemorySegment own = all.asSlice(entry.begin(), entry.bytes());
    boolean scalar = entry.shape().length == 0;
    long[] shape = scalar ? new long[] {1} : entry.shape();
    Tensor tensor =
        own.address() % entry.dtype().itemSize() == 0
            ? Torch.fromMemory(own, entry.dtype(), shape)
            : Torch.tensor(own, entry.dtype(), shape);
    return scalar ? tensor.squeeze_(0) : tensor;
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw new IllegalArgumentException("%s has no tensor '%s'".formatted(path, name));
    }
    return entry;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
