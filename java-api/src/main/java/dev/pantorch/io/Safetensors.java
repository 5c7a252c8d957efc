package dev.pantorch.io;

import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.StorageMemory;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Reads and writes safetensors files: named tensors, and nothing that could be executed. Python's
/// `safetensors` package reads what this class writes, and the other way round.
///
/// ```java
/// Safetensors.save(Path.of("model.safetensors"), model.stateDict());
/// model.loadStateDict(Safetensors.load(Path.of("model.safetensors")));
/// ```
///
/// Every length, position, dtype and name is checked before it is used; a file that is cut off,
/// overlaps or lies is an {@link IOException} that says where.
///
/// [The format](https://github.com/huggingface/safetensors#format)
public final class Safetensors {
  /// The largest header that is read, as in the format's own library.
  private static final long MAX_HEADER = 100_000_000;

  private Safetensors() {}

  // Reading.

  /// Reads all tensors of a file.
  ///
  /// @param path the file
  /// @return the tensors by name, on the CPU, in the order of the file
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SequencedMap<String, Tensor> load(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      Opened opened = open(file, path);
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      for (var each : opened.header.tensors().entrySet()) {
        SafetensorsHeader.Entry entry = each.getValue();
        Tensor tensor = Torch.empty(entry.dtype(), entry.shape());
        if (entry.bytes() > 0) read(file, opened.start + entry.begin(), tensor, path);
        tensors.put(each.getKey(), tensor);
      }
      return tensors;
    }
  }

  private static void read(FileChannel file, long position, Tensor tensor, Path path)
      throws IOException {
    try {
      StorageMemory.use(tensor, memory -> FileBytes.read(file, position, memory, null));
    } catch (EOFException e) {
      throw shorter(path, e);
    }
  }

  private static EOFException shorter(Path path, EOFException cause) {
    var exception = new EOFException("%s: %s".formatted(path, cause.getMessage()));
    exception.initCause(cause);
    return exception;
  }

  /// Maps a file into memory: tensors come at once, whatever the size, and their pages are read
  /// when they are used. They can be changed, but that does not reach the file.
  ///
  /// The file must not be cut or changed in place while a tensor is in use, or the process may
  /// crash; replacing it by another, as {@link #save} does, is safe. Tensors whose bytes are not
  /// aligned in the file are copied; and since the JDK maps so only what may be written, a file
  /// that may not is read as {@link #load} does.
  ///
  /// @param path the file
  /// @return the tensors by name, on the CPU, in the order of the file
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SequencedMap<String, Tensor> map(Path path) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Opened opened = open(file, path);
      long bytes = opened.header.dataBytes();
      MemorySegment all =
          bytes == 0
              ? MemorySegment.NULL
              : file.map(MapMode.PRIVATE, opened.start, bytes, Arena.ofAuto());
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      opened.header.tensors().forEach((name, entry) -> tensors.put(name, mapped(all, entry)));
      return tensors;
    } catch (AccessDeniedException e) {
      return load(path);
    }
  }

  private static Tensor mapped(MemorySegment all, SafetensorsHeader.Entry entry) {
    if (entry.bytes() == 0) return Torch.empty(entry.dtype(), entry.shape());
    MemorySegment own = all.asSlice(entry.begin(), entry.bytes());
    boolean scalar = entry.shape().length == 0;
    long[] shape = scalar ? new long[] {1} : entry.shape();
    Tensor tensor =
        own.address() % entry.dtype().itemSize() == 0
            ? Torch.fromMemory(own, entry.dtype(), shape)
            : Torch.tensor(own, entry.dtype(), shape);
    return scalar ? tensor.squeeze_(0) : tensor;
  }

  /// Reads the texts that a file carries beside its tensors.
  ///
  /// @param path the file
  /// @return the texts by name
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SequencedMap<String, String> metadata(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      return open(file, path).header.metadata();
    }
  }

  /// @param start where the tensors' bytes begin
  private record Opened(SafetensorsHeader header, long start) {}

  private static Opened open(FileChannel file, Path path) throws IOException {
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
      return new Opened(SafetensorsHeader.parse(json, size - 8 - length), 8 + length);
    } catch (IOException e) {
      throw invalid(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static IOException invalid(Path path, String why, @Nullable Throwable cause) {
    return new IOException(path + " is no valid safetensors file: " + why, cause);
  }

  // Writing.

  /// Writes tensors to a file.
  ///
  /// @param path the file, replaced if it exists
  /// @param tensors the tensors by name, of any device; those that share memory are written each
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if a dtype has no name in the format
  public static void save(Path path, Map<String, Tensor> tensors) throws IOException {
    save(path, tensors, Map.of());
  }

  /// Writes tensors to a file, and texts beside them. The bytes go to a temporary file first, which
  /// then takes the place of the old one, so that a reader sees one or the other, whole.
  ///
  /// @param path the file, replaced if it exists
  /// @param tensors the tensors by name, of any device; those that share memory are written each
  /// @param metadata texts by name
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if a dtype has no name in the format
  public static void save(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, SafetensorsHeader.Plan> plans = new LinkedHashMap<>();
    tensors.forEach((name, tensor) ->
        plans.put(name, new SafetensorsHeader.Plan(tensor.dtype(), tensor.shape())));
    SafetensorsHeader header = SafetensorsHeader.layOut(plans, metadata);
    AtomicFile.write(path, file -> write(file, header, tensors));
  }

  private static void write(FileChannel file, SafetensorsHeader header, Map<String, Tensor> tensors)
      throws IOException {
    byte[] json = header.format();
    ByteBuffer front = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    front.putLong(json.length).put(json).flip();
    FileBytes.write(file, front);
    for (String name : header.tensors().sequencedKeySet()) {
      Tensor tensor = tensors.get(name);
      if (tensor == null) throw new IllegalStateException("the tensors changed while being saved");
      try (var scope = TensorScope.open();
          var mode = Torch.noGrad();
          Arena arena = Arena.ofConfined()) {
        Tensor plain = tensor.detach().resolveConj().resolveNeg().to(Device.CPU).contiguous();
        FileBytes.write(file, plain.data(arena), null);
      }
    }
  }
}
