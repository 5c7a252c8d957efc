package dev.pantorch.ffi;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What differs between operating systems: names of library files, and where a user's caches lie.
///
/// @param os `linux`, `macos` or `windows`
/// @param arch `x86_64`, `aarch64`, or what the JVM calls anything else
record Platform(String os, String arch) {
  static Platform current() {
    return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  /// The platform for the values of the system properties `os.name` and `os.arch`.
  static Platform of(String osName, String osArch) {
    String name = osName.toLowerCase(Locale.ROOT);
    String os = name.startsWith("mac") ? "macos" : name.startsWith("win") ? "windows" : "linux";
    return new Platform(os, osArch.equals("amd64") ? "x86_64" : osArch);
  }

  /// The name of the file that holds the library `name`, as in `libc10.so` for `c10`.
  String libraryFile(String name) {
    return switch (os) {
      case "macos" -> "lib" + name + ".dylib";
      case "windows" -> name + ".dll";
      default -> "lib" + name + ".so";
    };
  }

  /// libtorch's libraries that every build of it has, in the order in which they must be loaded.
  List<String> libtorchLibraries() {
    return List.of("c10", "torch_cpu");
  }

  /// libtorch's libraries that only builds for an accelerator have. Loading them registers their
  /// kernels. `torch` is in every build; it stands last because it depends on all others.
  List<String> acceleratorLibraries() {
    return List.of(
        "c10_cuda", "torch_cuda", "c10_hip", "torch_hip", "c10_xpu", "torch_xpu", "torch");
  }

  /// The folder of Pantorch's per-user cache, the same that CMake fills (LibtorchProvision.cmake).
  Path cacheDirectory(Function<String, @Nullable String> environment, Path userHome) {
    String base =
        switch (os) {
          case "macos" -> userHome.resolve("Library/Caches").toString();
          case "windows" -> environment.apply("LOCALAPPDATA");
          default -> environment.apply("XDG_CACHE_HOME");
        };
    Path root = base == null || base.isEmpty() ? userHome.resolve(".cache") : Path.of(base);
    return root.resolve("pantorch");
  }

  /// What moves the cache to another place.
  String cacheSetting() {
    return switch (os) {
      case "macos" -> "the system property user.home";
      case "windows" -> "LOCALAPPDATA";
      default -> "XDG_CACHE_HOME";
    };
  }

  /// As in the packed library's resource path: `linux-x86_64`.
  @Override
  public String toString() {
    return os + "-" + arch;
  }
}
