package dev.pantorch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A temporary folder that only this user can see. It is deleted when the model in it is closed,
/// and those that are left when the JVM ends.
final class UnpackedFolder {
  private static final Set<Path> THERE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> THERE.forEach(UnpackedFolder::delete)));
  }

  private UnpackedFolder() {}

  static Path create() throws IOException {
    Path folder = Files.createTempDirectory("pantorch-pt2-" + ProcessHandle.current().pid() + "-");
    THERE.add(folder);
    return folder;
  }

  static void delete(Path folder) {
    THERE.remove(folder);
    try (Stream<Path> found = Files.walk(folder)) {
      List<Path> inside = found.sorted(Comparator.reverseOrder()).toList();
      for (Path each : inside) Files.deleteIfExists(each);
    } catch (IOException | UncheckedIOException e) {
      System.getLogger("dev.pantorch")
          .log(System.Logger.Level.WARNING, "%s could not be deleted".formatted(folder), e);
    }
  }
}
