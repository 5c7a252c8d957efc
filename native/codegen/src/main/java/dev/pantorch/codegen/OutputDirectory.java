package dev.pantorch.codegen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// A directory of generated files. A file is written only if its text changed, so that the compiler
/// that reads it next sees an old time stamp and has nothing to do.
final class OutputDirectory {
  private final Path root;
  private final Set<Path> current = new HashSet<>();

  OutputDirectory(Path root) {
    this.root = root;
  }

  void write(String name, String text) throws IOException {
    Path file = root.resolve(name).normalize();
    current.add(file);
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /// Removes what an earlier run wrote and this one did not.
  void removeStale() throws IOException {
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!current.contains(file.normalize())) {
          Files.delete(file);
        }
      }
    }
  }
}
