package dev.pantorch.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A libtorch on disk, its version read from its files: nothing of it has run yet.
///
/// @param home the folder with `lib` in it
/// @param version as its files state it, such as `2.13.0+cpu`
public record Libtorch(Path home, String version) {
  /// Where a version is stated, most authoritative first: the archive's own file, Python's, the
  /// headers'.
  private static final List<VersionFile> VERSION_FILES =
      List.of(
          new VersionFile("build-version", Pattern.compile("^(\\S+)")),
          new VersionFile("version.py", Pattern.compile("__version__ = '([^']+)'")),
          new VersionFile(
              "include/torch/headeronly/version.h",
              Pattern.compile("define TORCH_VERSION\\s+\\\\\\s*\"([^\"]+)\"")));

  private record VersionFile(String name, Pattern pattern) {}

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
    String missing =
        platform.libtorchLibraries().stream()
            .map(name -> "lib/" + platform.libraryFile(name))
            .filter(file -> !Files.isRegularFile(home.resolve(file)))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw new Unusable("no " + missing);
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
        Matcher matcher = candidate.pattern.matcher(content(file));
        if (matcher.find()) {
          return matcher.group(1);
        }
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
