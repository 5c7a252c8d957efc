package dev.pantorch.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A libtorch on disk, its version read from its files: nothing of it has run yet.
///
/// @param home the folder with `lib` in it
/// @param version as its files state it, such as `2.13.0+cpu`
public record Libtorch(Path home, String version) {
  /// Where a version is stated, most authoritative first: the archive's own file, Python's, the
  /// headers'.
  private static final List<VersionFile> VERSION_FILES =
      List.of(
          new VersionFile("build-version", ""),
          new VersionFile("version.py", "__version__ = '"),
          new VersionFile("include/torch/headeronly/version.h", "define TORCH_VERSION \\"));

  /// @param before what stands before the version in it
  private record VersionFile(String name, String before) {
    @Nullable String versionIn(String content) {
      int found = content.indexOf(before);
      int start = found + before.length();
      while (start < content.length() && !isOfVersion(content.charAt(start))) start++;
      int end = start;
      while (end < content.length() && isOfVersion(content.charAt(end))) end++;
      return found < 0 || end == start ? null : content.substring(start, end);
    }

    private static boolean isOfVersion(char c) {
      return c > ' ' && c != '\'' && c != '"';
    }
  }

  /// The folder of its libraries.
  ///
  /// @return `lib` under the home
  public Path libraryDirectory() {
    return home.resolve("lib");
  }

  /// The path of one of its libraries.
  Path library(String name, Platform platform) {
    return libraryDirectory().resolve(platform.libraryFile(name));
  }

  /// Reads the libtorch at `home`, which must be complete and of the `wanted` version.
  ///
  /// @throws Unusable if it is not
  static Libtorch read(Path home, String wanted, Platform platform) throws Unusable {
    if (!Files.isDirectory(home)) {
      throw new Unusable("no such folder");
    }
    var missing = new StringBuilder();
    for (String name : platform.libtorchLibraries()) {
      String file = "lib/" + platform.libraryFile(name);
      if (!Files.isRegularFile(home.resolve(file))) {
        missing.append(missing.isEmpty() ? "no " : ", ").append(file);
      }
    }
    if (!missing.isEmpty()) {
      throw new Unusable(missing.toString());
    }
    String version = version(home);
    if (!release(version).equals(wanted)) {
      throw new Unusable("libtorch " + version);
    }
    return new Libtorch(home, version);
  }

  private static String version(Path home) throws Unusable {
    for (VersionFile candidate : VERSION_FILES) {
      Path file = home.resolve(candidate.name);
      if (Files.isRegularFile(file)) {
        String version = candidate.versionIn(content(file));
        if (version != null) return version;
      }
    }
    throw new Unusable(
        VERSION_FILES.stream()
            .map(VersionFile::name)
            .collect(Collectors.joining(", ", "no version in any of ", "")));
  }

  private static String content(Path file) throws Unusable {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new Unusable("unreadable " + file + " (" + e + ")");
    }
  }

  /// The version without the build's own label: `2.13.0` of `2.13.0+cpu`.
  private static String release(String version) {
    int label = version.indexOf('+');
    return label < 0 ? version : version.substring(0, label);
  }

  /// Why a folder is no libtorch that can be used; the message says what was found instead.
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String found) {
      super(found);
    }

    String found() {
      return String.valueOf(getMessage());
    }
  }
}
