package dev.pantorch.io;

import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.AtomicFile;
import dev.pantorch.internal.FileBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

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
  private Safetensors() {}

  // Reading.

  /// Reads all tensors of a file, or of all files that an index lists.
  ///
  /// @param path the file, or the index of a model in several files, `model.safetensors.index.json`
  /// @return the tensors by name, on the CPU, in the order of the file
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SequencedMap<String, Tensor> load(Path path) throws IOException {
    if (SafetensorsIndex.isIndex(path)) return SafetensorsIndex.load(path, Safetensors::load);
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path, StandardOpenOption.READ)) {
      for (String name : file.keys()) tensors.put(name, file.get(name));
      return tensors;
    } catch (IOException | RuntimeException e) {
      tensors.values().forEach(Tensor::close);
      throw e;
    }
  }

  /// Maps a file into memory: tensors come at once, whatever the size, and their pages are read
  /// when they are used. They can be changed, but that does not reach the file.
  ///
  /// The file must not be cut or changed in place while a tensor is in use, or the process may
  /// crash; replacing it by another, as {@link #save} does, is safe. Tensors whose bytes are not
  /// aligned in the file are copied; and since the JDK maps so only what may be written, a file
  /// that may not is read as {@link #load} does.
  ///
  /// @param path the file, or the index of a model in several files
  /// @return the tensors by name, on the CPU, in the order of the file
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SequencedMap<String, Tensor> map(Path path) throws IOException {
    if (SafetensorsIndex.isIndex(path)) return SafetensorsIndex.load(path, Safetensors::map);
    try (SafetensorsFile file =
        SafetensorsFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment all = file.map();
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : file.keys()) tensors.put(name, file.mapped(all, name));
      return tensors;
    } catch (AccessDeniedException e) {
      return load(path);
    }
  }

  /// Opens a file to look into it and read single tensors, Python's `safe_open`.
  ///
  /// @param path the file
  /// @return the open file, to be closed
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SafetensorsFile open(Path path) throws IOException {
    return SafetensorsFile.open(path, StandardOpenOption.READ);
  }

  /// Reads the texts that a file carries beside its tensors.
  ///
  /// @param path the file
  /// @return the texts by name
  /// @throws IOException if it cannot be read or is no valid safetensors file
  public static SequencedMap<String, String> metadata(Path path) throws IOException {
    try (SafetensorsFile file = open(path)) {
      return new LinkedHashMap<>(file.metadata());
    }
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

  /// Writes tensors to several files, none larger than some size, and an index that lists them, in
  /// Hugging Face's layout: `model-00001-of-00003.safetensors` and so on beside
  /// `model.safetensors.index.json`. The index is written last; where one is there already, the new
  /// files get other names, and the old ones are removed once the new index stands. So a reader
  /// finds the old model or the new one at any moment.
  ///
  /// @param index the index, whose name ends with `.safetensors.index.json`
  /// @param tensors the tensors by name, of any device; those that share memory are written each
  /// @param maxShardBytes the most bytes of tensors a file has; one larger tensor is alone in its
  ///   own
  /// @throws IOException if something cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if a dtype has no name in the format, or the index another
  ///   name
  public static void saveSharded(Path index, Map<String, Tensor> tensors, long maxShardBytes)
      throws IOException {
    saveSharded(index, tensors, maxShardBytes, Map.of());
  }

  /// The same with texts in each file.
  ///
  /// @param index the index, whose name ends with `.safetensors.index.json`
  /// @param tensors the tensors by name, of any device; those that share memory are written each
  /// @param maxShardBytes the most bytes of tensors a file has; one larger tensor is alone in its
  ///   own
  /// @param metadata texts by name
  /// @throws IOException if something cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if a dtype has no name in the format, or the index another
  ///   name
  public static void saveSharded(
      Path index, Map<String, Tensor> tensors, long maxShardBytes, Map<String, String> metadata)
      throws IOException {
    SafetensorsIndex.save(index, tensors, maxShardBytes, metadata);
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
