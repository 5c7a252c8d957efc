package dev.pantorch.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.pantorch.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The JSON at the front of a safetensors file: what tensors there are and where. Everything in it
/// is checked before it is believed, since files come from strangers.
///
/// @param tensors by name, in the order of their bytes
/// @param metadata texts of the writer's
record SafetensorsHeader(
    SequencedMap<String, Entry> tensors, SequencedMap<String, String> metadata) {
  private static final String METADATA = "__metadata__";

  /// Its own names for dtypes, in the order in which writers sort: the last one's bytes come first,
  /// which keeps everything aligned.
  private static final Map<String, DType> DTYPES = new LinkedHashMap<>();

  static {
    DTYPES.put("BOOL", DType.BOOL);
    DTYPES.put("U8", DType.UINT8);
    DTYPES.put("I8", DType.INT8);
    DTYPES.put("F8_E5M2", DType.FLOAT8_E5M2);
    DTYPES.put("F8_E4M3", DType.FLOAT8_E4M3FN);
    DTYPES.put("F8_E8M0", DType.FLOAT8_E8M0FNU);
    DTYPES.put("F8_E4M3FNUZ", DType.FLOAT8_E4M3FNUZ);
    DTYPES.put("F8_E5M2FNUZ", DType.FLOAT8_E5M2FNUZ);
    DTYPES.put("I16", DType.INT16);
    DTYPES.put("U16", DType.UINT16);
    DTYPES.put("F16", DType.FLOAT16);
    DTYPES.put("BF16", DType.BFLOAT16);
    DTYPES.put("I32", DType.INT32);
    DTYPES.put("U32", DType.UINT32);
    DTYPES.put("F32", DType.FLOAT32);
    DTYPES.put("C64", DType.COMPLEX64);
    DTYPES.put("F64", DType.FLOAT64);
    DTYPES.put("I64", DType.INT64);
    DTYPES.put("U64", DType.UINT64);
  }

  private static final List<DType> ORDER = List.copyOf(DTYPES.values());

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// One tensor.
  ///
  /// @param begin where its bytes begin, counted from the end of the header
  /// @param end where they end
  @SuppressWarnings("ArrayRecordComponent") // read by this package only
  record Entry(DType dtype, long[] shape, long begin, long end) {
    long bytes() {
      return end - begin;
    }
  }

  /// The number of bytes behind the header.
  long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.lastEntry().getValue().end;
  }

  // Reading.

  /// Reads and checks a header.
  ///
  /// @param json the header's bytes
  /// @param dataBytes how many bytes follow it
  /// @throws IOException if anything in it is wrong; says what
  static SafetensorsHeader parse(byte[] json, long dataBytes) throws IOException {
    if (json.length == 0 || json[0] != '{') throw new IOException("the header is no JSON object");
    Map<String, Entry> tensors = new LinkedHashMap<>();
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(METADATA)) {
          readMetadata(parser, metadata);
        } else {
          tensors.put(name, readEntry(parser, name));
        }
      }
      if (parser.nextToken() != null) throw new IOException("text follows the header's JSON");
    } catch (JsonProcessingException e) {
      throw new IOException("the header is no valid JSON: " + e.getOriginalMessage(), e);
    }
    SafetensorsHeader header = new SafetensorsHeader(byPosition(tensors), metadata);
    header.checkPositions(dataBytes);
    return header;
  }

  private static void readMetadata(JsonParser parser, Map<String, String> metadata)
      throws IOException {
    expect(parser, JsonToken.START_OBJECT, METADATA + " is no object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      expect(parser, JsonToken.VALUE_STRING, "%s '%s' is no text".formatted(METADATA, key));
      metadata.put(key, parser.getText());
    }
  }

  private static Entry readEntry(JsonParser parser, String name) throws IOException {
    String where = "tensor '%s'".formatted(name);
    expect(parser, JsonToken.START_OBJECT, where + " is described by no object");
    DType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> dtype = readDtype(parser, where);
        case "shape" -> shape = readNumbers(parser, where + " has a shape that");
        case "data_offsets" -> offsets = readNumbers(parser, where + " has data_offsets that");
        default -> throw new IOException("%s has an unknown field '%s'".formatted(where, key));
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw new IOException(where + " lacks one of dtype, shape and data_offsets");
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw new IOException(
          "%s has data_offsets %s; expected begin and end"
              .formatted(where, Arrays.toString(offsets)));
    }
    Entry entry = new Entry(dtype, shape, offsets[0], offsets[1]);
    checkSize(entry, where);
    return entry;
  }

  private static DType readDtype(JsonParser parser, String where) throws IOException {
    expect(parser, JsonToken.VALUE_STRING, where + " has a dtype that is no text");
    DType dtype = DTYPES.get(parser.getText());
    if (dtype == null) {
      throw new IOException(
          "%s has dtype '%s'; known are %s".formatted(where, parser.getText(), DTYPES.keySet()));
    }
    return dtype;
  }

  private static long[] readNumbers(JsonParser parser, String what) throws IOException {
    expect(parser, JsonToken.START_ARRAY, what + " is no list");
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser, JsonToken.VALUE_NUMBER_INT, what + " has something else than whole numbers");
      boolean large = parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
      if (large || parser.getLongValue() < 0) {
        throw new IOException("%s has %s in it".formatted(what, parser.getText()));
      }
      numbers.add(parser.getLongValue());
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static void expect(JsonParser parser, JsonToken token, String otherwise)
      throws IOException {
    if (parser.currentToken() != token) throw new IOException(otherwise);
  }

  private static void checkSize(Entry entry, String where) throws IOException {
    if (entry.shape.length > Shapes.MAX_DIM) {
      throw new IOException(
          "%s has %d dimensions; at most %d are possible"
              .formatted(where, entry.shape.length, Shapes.MAX_DIM));
    }
    long bytes;
    try {
      bytes = Shapes.bytes(entry.shape, entry.dtype);
    } catch (IOException e) {
      throw new IOException(
          "%s has shape %s, which is more than there can be"
              .formatted(where, Arrays.toString(entry.shape)),
          e);
    }
    if (bytes != entry.bytes()) {
      throw new IOException(
          "%s has %d bytes; its dtype and shape %s want %d"
              .formatted(where, entry.bytes(), Arrays.toString(entry.shape), bytes));
    }
  }

  private static SequencedMap<String, Entry> byPosition(Map<String, Entry> tensors) {
    SequencedMap<String, Entry> sorted = new LinkedHashMap<>();
    tensors.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
                .thenComparingLong(e -> e.getValue().end))
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return sorted;
  }

  /// The tensors' bytes must follow each other without gaps, so that nothing can hide in a file and
  /// no two tensors share memory.
  private void checkPositions(long dataBytes) throws IOException {
    long position = 0;
    for (Map.Entry<String, Entry> tensor : tensors.entrySet()) {
      if (tensor.getValue().begin != position) {
        throw new IOException(
            "tensor '%s' begins at %d, but the one before it ends at %d"
                .formatted(tensor.getKey(), tensor.getValue().begin, position));
      }
      position = tensor.getValue().end;
    }
    if (position != dataBytes) {
      throw new IOException(
          "the tensors have %d bytes, but %d follow the header".formatted(position, dataBytes));
    }
  }

  // Writing.

  /// What an entry of a header is made of.
  @SuppressWarnings("ArrayRecordComponent") // made for one reader
  record Plan(DType dtype, long[] shape) {
    long bytes() {
      long bytes = dtype.itemSize();
      for (long size : shape) bytes *= size;
      return bytes;
    }
  }

  /// Lays tensors out as all writers do: by dtype, then by name.
  ///
  /// @throws IllegalArgumentException if a dtype or a name cannot be written
  static SafetensorsHeader layOut(Map<String, Plan> plans, Map<String, String> metadata) {
    plans.forEach((name, plan) -> {
      if (!ORDER.contains(plan.dtype)) {
        throw new IllegalArgumentException(
            "tensor '%s' has dtype %s, for which safetensors has no name"
                .formatted(name, plan.dtype));
      }
      if (name.equals(METADATA)) {
        throw new IllegalArgumentException("no tensor can be called " + METADATA);
      }
    });
    List<Map.Entry<String, Plan>> order = new ArrayList<>(plans.entrySet());
    order.sort(
        Comparator.comparingInt((Map.Entry<String, Plan> e) -> -ORDER.indexOf(e.getValue().dtype))
            .thenComparing(Map.Entry::getKey));
    SequencedMap<String, Entry> tensors = new LinkedHashMap<>();
    long position = 0;
    for (Map.Entry<String, Plan> each : order) {
      Plan plan = each.getValue();
      long end = Math.addExact(position, plan.bytes());
      tensors.put(each.getKey(), new Entry(plan.dtype, plan.shape, position, end));
      position = end;
    }
    return new SafetensorsHeader(tensors, new LinkedHashMap<>(metadata));
  }

  /// The header's bytes, padded so that what follows is aligned.
  byte[] format() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (var each : metadata.entrySet()) json.writeStringField(each.getKey(), each.getValue());
        json.writeEndObject();
      }
      for (var each : tensors.entrySet()) {
        Entry entry = each.getValue();
        json.writeObjectFieldStart(each.getKey());
        json.writeStringField("dtype", nameOf(entry.dtype));
        json.writeFieldName("shape");
        json.writeArray(entry.shape, 0, entry.shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {entry.begin, entry.end}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) bytes.write(' ');
    return bytes.toByteArray();
  }

  private static @Nullable String nameOf(DType dtype) {
    for (var each : DTYPES.entrySet()) {
      if (each.getValue() == dtype) return each.getKey();
    }
    return null;
  }
}
