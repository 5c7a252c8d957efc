package dev.pantorch.ffi;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Looks for a libtorch that something else has loaded into this process. A second one cannot be
/// loaded beside it: the dynamic linker would bind the libraries of the second to the first one's,
/// which crashes when their versions differ and mixes their state when they do not.
final class OtherLibtorch {
  private static final String MAPS = "/proc/self/maps";

  private OtherLibtorch() {}

  /// The other one's library, or null; where the system does not tell, too.
  static @Nullable Path find(Libtorch ours, Platform platform) {
    try (InputStream maps = new FileInputStream(MAPS)) {
      return find(ours, platform, new String(maps.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return null;
    }
  }

  /// The same from the text of `/proc/self/maps`.
  static @Nullable Path find(Libtorch ours, Platform platform, String maps) throws IOException {
    for (String library : platform.libtorchLibraries()) {
      String name = "/" + platform.libraryFile(library) + "\n";
      for (int at = maps.indexOf(name); at >= 0; at = maps.indexOf(name, at + 1)) {
        int line = maps.lastIndexOf('\n', at) + 1;
        Path loaded = Path.of(maps.substring(maps.indexOf('/', line), at + name.length() - 1));
        Path own = ours.libraryDirectory().resolve(loaded.getFileName());
        if (Files.exists(loaded) && !Files.isSameFile(loaded, own)) return loaded;
      }
    }
    return null;
  }
}
