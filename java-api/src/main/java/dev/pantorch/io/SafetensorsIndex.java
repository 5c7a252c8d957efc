package dev.pantorch.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.pantorch.Tensor;
import dev.pantorch.internal.AtomicFile;
import dev.pantorch.internal.FileBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/// A model in several safetensors files, and the index that says which tensor is in which.
///
/// [The layout](https://huggingface.co/docs/safetensors/main/en/metadata_parsing)
final class SafetensorsIndex {
  private static final String SUFFIX = ".safetensors.index.json";
  private static final int MAX_BYTES = 100_000_000;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private SafetensorsIndex() {}

  static boolean isIndex(Path path) {
    return path.toString().endsWith(".index.json");
  }

  /// What reads one of the files.
  @FunctionalInterface
  interface Reader {
    SequencedMap<String, Tensor> read(Path path) throws IOException;
  }

  // Reading.

  static SequencedMap<String, Tensor> load(Path index, Reader reader) throws IOException {
    SequencedMap<String, String> fileByTensor = read(index);
    SequencedMap<String, Tensor> found = new LinkedHashMap<>();
    try {
      for (String name : new LinkedHashSet<>(fileByTensor.values())) {
        for (var each : reader.read(index.resolveSibling(name)).entrySet()) {
          found.putLast(each.getKey(), each.getValue());
          if (!name.equals(fileByTensor.get(each.getKey()))) {
            throw invalid(
                index,
                "%s has tensor '%s', which is listed for %s"
                    .formatted(name, each.getKey(), fileByTensor.get(each.getKey())));
          }
        }
      }
      SequencedMap<String, Tensor> ordered = new LinkedHashMap<>();
      for (var each : fileByTensor.entrySet()) {
        Tensor tensor = found.get(each.getKey());
        if (tensor == null) {
          throw invalid(index, "%s lacks tensor '%s'".formatted(each.getValue(), each.getKey()));
        }
        ordered.put(each.getKey(), tensor);
      }
      return ordered;
    } catch (IOException | RuntimeException e) {
      found.values().forEach(Tensor::close);
      throw e;
    }
  }

  private static IOException invalid(Path index, String why) {
    return new IOException("%s is no valid index: %s".formatted(index, why));
  }

  /// The file of each tensor.
  private static SequencedMap<String, String> read(Path index) throws IOException {
    SequencedMap<String, String> fileByTensor = new LinkedHashMap<>();
    try (FileChannel file = FileChannel.open(index)) {
      if (file.size() > MAX_BYTES) {
        throw invalid(index, "it has %d bytes".formatted(file.size()));
      }
      byte[] bytes = FileBytes.read(file, 0, (int) file.size());
      try (JsonParser parser = JSON.createParser(bytes)) {
        expect(parser.nextToken() == JsonToken.START_OBJECT, index, "it is no JSON object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          boolean map = parser.currentName().equals("weight_map");
          parser.nextToken();
          if (map) {
            readMap(parser, index, fileByTensor);
          } else {
            parser.skipChildren();
          }
        }
      }
    } catch (JsonProcessingException e) {
      throw new IOException("%s is no valid index: %s".formatted(index, e.getOriginalMessage()), e);
    }
    expect(!fileByTensor.isEmpty(), index, "it has no weight_map with tensors");
    return fileByTensor;
  }

  private static void readMap(JsonParser parser, Path index, Map<String, String> fileByTensor)
      throws IOException {
    expect(parser.currentToken() == JsonToken.START_OBJECT, index, "its weight_map is no object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String tensor = parser.currentName();
      expect(
          parser.nextToken() == JsonToken.VALUE_STRING,
          index,
          "tensor '%s' has no file".formatted(tensor));
      String name = parser.getText();
      // A name, no path: what an index names lies beside it.
      boolean plain =
          name.endsWith(".safetensors")
              && name.chars().noneMatch(c -> "/\\:".indexOf(c) >= 0 || c < 32);
      expect(plain, index, "'%s' is no name of a safetensors file beside it".formatted(name));
      fileByTensor.put(tensor, name);
    }
  }

  private static void expect(boolean condition, Path index, String otherwise) throws IOException {
    if (!condition) throw invalid(index, otherwise);
  }

  // Writing.

  static void save(
      Path index, Map<String, Tensor> tensors, long maxShardBytes, Map<String, String> metadata)
      throws IOException {
    Path last = index.getFileName();
    String name = last == null ? "" : last.toString();
    if (!name.endsWith(SUFFIX)) {
      throw new IllegalArgumentException(
          "'%s' is no name of an index; it must end with '%s'".formatted(name, SUFFIX));
    }
    String stem = name.substring(0, name.length() - SUFFIX.length());
    Set<String> old = new LinkedHashSet<>();
    if (Files.exists(index)) {
      old.addAll(read(index).values());
      stem += "-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    }
    List<Map<String, Tensor>> shards = split(tensors, maxShardBytes);
    Map<String, String> fileByTensor = new TreeMap<>();
    List<Path> written = new ArrayList<>();
    try {
      for (int i = 0; i < shards.size(); i++) {
        String shard = "%s-%05d-of-%05d.safetensors".formatted(stem, i + 1, shards.size());
        Path path = index.resolveSibling(shard);
        Safetensors.save(path, shards.get(i), metadata);
        written.add(path);
        shards.get(i).keySet().forEach(tensor -> fileByTensor.put(tensor, shard));
      }
      byte[] json =
          format(fileByTensor, tensors.values().stream().mapToLong(SafetensorsIndex::bytes).sum());
      AtomicFile.write(index, file -> FileBytes.write(file, MemorySegment.ofArray(json), null));
    } catch (IOException | RuntimeException e) {
      for (Path path : written) Files.deleteIfExists(path);
      throw e;
    }
    for (String shard : old) Files.deleteIfExists(index.resolveSibling(shard));
  }

  private static long bytes(Tensor tensor) {
    return tensor.numel() * tensor.dtype().itemSize();
  }

  private static List<Map<String, Tensor>> split(Map<String, Tensor> tensors, long maxShardBytes) {
    if (maxShardBytes <= 0) {
      throw new IllegalArgumentException(
          "a file of %d bytes has room for nothing".formatted(maxShardBytes));
    }
    List<Map<String, Tensor>> shards = new ArrayList<>();
    Map<String, Tensor> shard = new LinkedHashMap<>();
    long size = 0;
    for (var each : tensors.entrySet()) {
      long bytes = bytes(each.getValue());
      if (!shard.isEmpty() && size + bytes > maxShardBytes) {
        shards.add(shard);
        shard = new LinkedHashMap<>();
        size = 0;
      }
      shard.put(each.getKey(), each.getValue());
      size += bytes;
    }
    shards.add(shard);
    return shards;
  }

  /// As `json.dumps(index, indent=2, sort_keys=True)` has it.
  private static byte[] format(Map<String, String> fileByTensor, long totalBytes)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withObjectIndenter(new DefaultIndenter("  ", "\n"));
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      json.writeObjectFieldStart("metadata");
      json.writeNumberField("total_size", totalBytes);
      json.writeEndObject();
      json.writeObjectFieldStart("weight_map");
      for (var each : fileByTensor.entrySet()) {
        json.writeStringField(each.getKey(), each.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }
}
