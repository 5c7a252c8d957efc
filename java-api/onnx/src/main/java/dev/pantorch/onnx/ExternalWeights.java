package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pantorch.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/// The constants of a model: in its message, or, where that would be too large or is wished, the
/// large ones in a file of their own.
final class ExternalWeights {
  /// A protobuf message ends below 2 GiB; some room is for the nodes.
  static final long MOST_EMBEDDED = Integer.MAX_VALUE - (64L << 20);

  /// Smaller ones are always in the message, where shapes can be inferred from them.
  private static final long SMALL = 1024;

  /// A page, so that the file can be mapped.
  private static final long ALIGNMENT = 4096;

  private static final int PIECE = 1 << 26;

  private final String model;
  private final boolean isWished;
  private final long mostEmbedded;
  private final Map<String, Tensor> embedded = new LinkedHashMap<>();
  private final Map<String, Tensor> external = new LinkedHashMap<>();
  private long bytes;

  /// @param model the name of the model's file
  /// @param isWished whether there is to be a file of their own in any case
  /// @param mostEmbedded how many bytes of constants a message holds
  ExternalWeights(String model, boolean isWished, long mostEmbedded) {
    this.model = model;
    this.isWished = isWished;
    this.mostEmbedded = mostEmbedded;
  }

  void add(String name, Tensor tensor) {
    long size = bytesOf(tensor);
    bytes += size;
    (size < SMALL ? embedded : external).put(name, tensor);
  }

  /// How many bytes all constants take.
  long bytes() {
    return bytes;
  }

  boolean isExternal() {
    return !external.isEmpty() && (isWished || bytes > mostEmbedded);
  }

  private static long bytesOf(Tensor tensor) {
    return tensor.numel() * tensor.dtype().itemSize();
  }

  void writeTo(GraphProto.Builder graph) {
    embedded.forEach((name, tensor) -> graph.addInitializer(OnnxTypes.tensor(name, tensor)));
    if (!isExternal()) {
      external.forEach((name, tensor) -> graph.addInitializer(OnnxTypes.tensor(name, tensor)));
      return;
    }
    String file = fileName();
    long offset = 0;
    for (var entry : external.entrySet()) {
      Tensor tensor = entry.getValue();
      offset = aligned(offset);
      TensorProto.Builder proto =
          OnnxTypes.header(entry.getKey(), tensor)
              .setDataLocation(TensorProto.DataLocation.EXTERNAL);
      put(proto, "location", file);
      put(proto, "offset", String.valueOf(offset));
      put(proto, "length", String.valueOf(bytesOf(tensor)));
      graph.addInitializer(proto);
      offset += bytesOf(tensor);
    }
  }

  private static void put(TensorProto.Builder proto, String key, String value) {
    proto.addExternalData(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
  }

  private static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /// The name says what is inside, so that a model and the weights of another export never meet.
  String fileName() {
    CRC32C sum = new CRC32C();
    try {
      write(buffer -> sum.update(buffer));
    } catch (IOException e) {
      throw new AssertionError("a checksum does no input or output", e);
    }
    return "%s.%08x.data".formatted(model, sum.getValue());
  }

  /// What the names of such files look like for a model.
  static String pattern(String model) {
    return java.util.regex.Pattern.quote(model) + "\\.[0-9a-f]{8}\\.data";
  }

  void writeTo(FileChannel file) throws IOException {
    write(buffer -> {
      while (buffer.hasRemaining()) file.write(buffer);
    });
  }

  /// What takes bytes.
  private interface Sink {
    void take(ByteBuffer bytes) throws IOException;
  }

  private void write(Sink sink) throws IOException {
    long offset = 0;
    for (Tensor tensor : external.values()) {
      sink.take(ByteBuffer.allocate((int) (aligned(offset) - offset)));
      offset = aligned(offset);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = tensor.data(arena);
        for (long at = 0; at < data.byteSize(); at += PIECE) {
          sink.take(data.asSlice(at, Math.min(PIECE, data.byteSize() - at)).asByteBuffer());
        }
      }
      offset += bytesOf(tensor);
    }
  }
}
