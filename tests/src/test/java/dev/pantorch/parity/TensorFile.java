package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.testing.TensorBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A safetensors file, read by nothing but this class, so that a fault in the library's own reader
/// cannot hide one elsewhere.
public final class TensorFile {
  private static final Map<String, DType> DTYPES =
      Map.of(
          "F64", DType.FLOAT64,
          "F32", DType.FLOAT32,
          "F16", DType.FLOAT16,
          "BF16", DType.BFLOAT16,
          "I64", DType.INT64,
          "I32", DType.INT32,
          "I16", DType.INT16,
          "I8", DType.INT8,
          "U8", DType.UINT8,
          "BOOL", DType.BOOL);

  private record Entry(DType dtype, List<Long> size, MemorySegment bytes) {}

  private final Path path;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private TensorFile(Path path) {
    this.path = path;
  }

  public static TensorFile open(Path path) {
    TensorFile file = new TensorFile(path);
    try (FileChannel channel = FileChannel.open(path)) {
      // Freed with the last slice of it that is in use.
      file.index(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  private void index(MemorySegment all) throws IOException {
    long headerLength = all.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    byte[] header = all.asSlice(8, headerLength).toArray(ValueLayout.JAVA_BYTE);
    JsonNode root = new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8));
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals("__metadata__")) {
        continue;
      }
      JsonNode value = field.getValue();
      long begin = value.get("data_offsets").get(0).asLong();
      long end = value.get("data_offsets").get(1).asLong();
      entries.put(
          field.getKey(),
          new Entry(
              requireNonNull(DTYPES.get(value.get("dtype").asText()), value.toString()),
              Fixtures.elements(value.get("shape")).stream().map(JsonNode::asLong).toList(),
              all.asSlice(8 + headerLength + begin, end - begin)));
    }
  }

  /// The names of all tensors.
  List<String> names() {
    return List.copyOf(entries.keySet());
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  /// A new tensor with the values of the named one.
  Tensor tensor(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor '%s' in %s".formatted(name, path));
    }
    return TensorBytes.tensor(
        entry.bytes(), entry.dtype(), entry.size().stream().mapToLong(Long::longValue).toArray());
  }

  /// The bytes of the one tensor called `data`, which JSON points into.
  public MemorySegment pool() {
    Entry entry = entries.get("data");
    if (entry == null) {
      throw new IllegalArgumentException("no pool of values in " + path);
    }
    return entry.bytes();
  }
}
