package dev.pantorch.io;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

/// The committed fixtures.
final class TestFiles {
  private TestFiles() {}

  /// What is in the files of Python's.
  static JsonNode checkpoints() {
    try {
      return new ObjectMapper().readTree(fixture("checkpoints.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path fixture(String name) {
    try {
      return Path.of(requireNonNull(TestFiles.class.getResource("/fixtures/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
