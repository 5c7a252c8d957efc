package dev.pantorch.train;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.io.Safetensors;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Nested maps and lists of tensors, numbers and texts as a safetensors file: tensors by their
/// paths, `model.fc.weight`, and all else as JSON in the metadata, which nothing executes.
///
/// JSON has texts as keys and no infinities; so a map is `{"map": [key, value, ...]}`, a tensor
/// `{"tensor": path}` and a floating number `{"float": text}`.
final class CheckpointStore {
  private static final String KEY = "pantorch.trainer";

  private CheckpointStore() {}

  static void save(Map<String, Object> value, Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      write(json, "", value, tensors);
    }
    Safetensors.save(file, tensors, Map.of(KEY, text.toString()));
  }

  private static void write(
      JsonGenerator json, String path, @Nullable Object value, Map<String, Tensor> tensors)
      throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Boolean flag -> json.writeBoolean(flag);
      case String text -> json.writeString(text);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Number number -> {
        json.writeStartObject();
        json.writeStringField("float", Double.toString(number.doubleValue()));
        json.writeEndObject();
      }
      case Tensor tensor -> {
        tensors.put(path, tensor);
        json.writeStartObject();
        json.writeStringField("tensor", path);
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        for (int i = 0; i < list.size(); i++) write(json, join(path, i), list.get(i), tensors);
        json.writeEndArray();
      }
      case Map<?, ?> map -> {
        json.writeStartObject();
        json.writeArrayFieldStart("map");
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          write(json, path, entry.getKey(), tensors);
          write(json, join(path, entry.getKey()), entry.getValue(), tensors);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      default ->
          throw new ValueException(
              "a checkpoint cannot have the %s at '%s'; it has tensors, numbers, texts, booleans, and lists and maps of them"
                  .formatted(value.getClass().getName(), path));
    }
  }

  private static String join(String path, Object name) {
    return path.isEmpty() ? String.valueOf(name) : path + "." + name;
  }

  /// Reads a file; the tensors belong to the innermost scope.
  ///
  /// @return the value; null if the file was written by something else
  static @Nullable Object load(Path file) throws IOException {
    String text = Safetensors.metadata(file).get(KEY);
    if (text == null) return null;
    Map<String, Tensor> tensors = Safetensors.load(file);
    try (JsonParser json = new JsonFactory().createParser(text)) {
      json.nextToken();
      return read(json, tensors);
    }
  }

  private static @Nullable Object read(JsonParser json, Map<String, Tensor> tensors)
      throws IOException {
    return switch (json.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT -> json.getNumberValue();
      case START_ARRAY -> elements(json, tensors);
      case START_OBJECT -> {
        String kind = json.nextFieldName();
        json.nextToken();
        Object value =
            switch (kind == null ? "" : kind) {
              case "float" -> Double.valueOf(json.getText());
              case "tensor" -> tensors.get(json.getText());
              case "map" -> map(elements(json, tensors));
              default -> throw new IOException("a checkpoint has no '%s'".formatted(kind));
            };
        json.nextToken();
        yield value;
      }
      default -> throw new IOException("a checkpoint has no " + json.currentToken());
    };
  }

  private static List<@Nullable Object> elements(JsonParser json, Map<String, Tensor> tensors)
      throws IOException {
    List<@Nullable Object> elements = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) elements.add(read(json, tensors));
    return elements;
  }

  private static Map<@Nullable Object, @Nullable Object> map(List<@Nullable Object> entries) {
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < entries.size(); i += 2) map.put(entries.get(i), entries.get(i + 1));
    return map;
  }
}
