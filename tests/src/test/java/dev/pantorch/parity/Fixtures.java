package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/// The committed fixtures.
public final class Fixtures {
  static final ObjectMapper JSON = new ObjectMapper();

  private Fixtures() {}

  /// The folder that the fixtures lie in.
  public static Path folder() {
    URL url = Fixtures.class.getResource("/fixtures/environment.json");
    if (url == null) {
      throw new IllegalStateException("no fixtures on the class path");
    }
    try {
      return requireNonNull(Path.of(url.toURI()).getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode json(String name) {
    return json(folder().resolve(name));
  }

  static JsonNode json(Path path) {
    try {
      return JSON.readTree(path.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TensorFile tensors(String name) {
    return TensorFile.open(folder().resolve(name));
  }

  /// The lines of a JSON lines file.
  public static List<JsonNode> lines(Path path) {
    try {
      var nodes = new ArrayList<JsonNode>();
      for (String line : Files.readAllLines(path)) {
        nodes.add(JSON.readTree(line));
      }
      return nodes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static long[] longs(JsonNode array) {
    return elements(array).stream().mapToLong(JsonNode::asLong).toArray();
  }

  static List<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  static List<String> strings(JsonNode array) {
    return elements(array).stream().map(JsonNode::asText).toList();
  }

  /// A number that may be one that JSON has no word for.
  static double number(JsonNode node) {
    return switch (node.asText()) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> node.doubleValue();
    };
  }
}
