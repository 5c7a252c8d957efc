package dev.pantorch.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks for a libtorch that something else has loaded into this process. A second one cannot be
/// loaded beside it: the dynamic linker would bind the libraries of the second to the first one's,
/// which crashes when their versions differ and mixes their state when they do not.
final class OtherLibtorch {
  private static final Path MAPS = Path.of("/proc/self/maps");

  private OtherLibtorch() {}

  /// The other one's library, or null; where the system does not tell, too.
  static @Nullable Path find(Libtorch ours, Platform platform) {
    try {
      return Files.isReadable(MAPS) ? find(ours, platform, Files.readAllLines(MAPS)) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /// The same from the lines of `/proc/self/maps`.
  static @Nullable Path find(Libtorch ours, Platform platform, List<String> maps)
      throws IOException {
    Set<String> names =
        Set.copyOf(platform.libtorchLibraries().stream().map(platform::libraryFile).toList());
    for (String line : maps) {
      int slash = line.indexOf('/');
      if (slash < 0 || !names.contains(line.substring(line.lastIndexOf('/') + 1))) continue;
      Path loaded = Path.of(line.substring(slash));
      Path own = ours.libraryDirectory().resolve(loaded.getFileName());
      if (Files.exists(loaded) && !Files.isSameFile(loaded, own)) return loaded;
    }
    return null;
  }
}
