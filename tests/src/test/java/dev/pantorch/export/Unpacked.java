package dev.pantorch.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What this process has unpacked packages to.
final class Unpacked {
  private Unpacked() {}

  /// The temporary folders that are there.
  static List<Path> folders() throws IOException {
    String ours = "pantorch-pt2-" + ProcessHandle.current().pid() + "-";
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(f -> f.getFileName().toString().startsWith(ours)).toList();
    }
  }
}
