package dev.pantorch.codegen;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The generator's hand-written tables.
final class Resources {
  private Resources() {}

  /// The lines of a table, without blank lines and comments.
  static List<String> lines(String name) throws IOException {
    try (var in = Resources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(
            name + ": put native/codegen/src/main/resources on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }
}
