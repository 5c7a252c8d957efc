package dev.pantorch.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes a file so that whoever looks, at any moment and after any crash, finds the old one or the
/// new one, whole.
public final class AtomicFile {
  private AtomicFile() {}

  /// What writes the bytes.
  @FunctionalInterface
  public interface Body {
    void writeTo(FileChannel file) throws IOException;
  }

  /// The bytes go to a temporary file beside the target, reach the disk, and then take the target's
  /// place. What fails leaves the target untouched; a process that is killed leaves the temporary
  /// file behind.
  public static void write(Path path, Body body) throws IOException {
    Path target = Files.isSymbolicLink(path) ? path.toRealPath() : path.toAbsolutePath();
    // Not Files.createTempFile, whose files nobody else may read.
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel file =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        body.writeTo(file);
        file.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceFolder(target);
  }

  /// Makes the renaming itself last, where the system lets a folder be opened.
  private static void forceFolder(Path target) {
    try (FileChannel folder = FileChannel.open(target.resolveSibling("."))) {
      folder.force(true);
    } catch (IOException e) {
      // Windows has no such thing; the file itself is complete.
    }
  }
}
