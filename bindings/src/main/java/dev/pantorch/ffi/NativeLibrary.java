package dev.pantorch.ffi;

import dev.pantorch.ffi.generated.pantorch_h;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Loads libtorch and libpantorch, the C shim over it, into this process.
///
/// libtorch's version is read from its files before any of it is loaded: the wrong one may crash
/// the process instead of failing. Its libraries are then opened by full path, so that the shim,
/// which knows them by name only, is bound to exactly these.
public final class NativeLibrary {
  private static final Platform PLATFORM = Platform.current();
  private static final Function<String, @Nullable String> PROPERTIES = System::getProperty;
  private static final Function<String, @Nullable String> ENVIRONMENT = System::getenv;

  /// The last complete load; never set back.
  private static volatile @Nullable LoadReport loaded;

  private NativeLibrary() {}

  /// Loads both libraries, once. Later calls cost a volatile read.
  ///
  /// @throws UnsatisfiedLinkError if a library is missing, broken or of another version; the
  ///   message gives path, found, wanted and remedy. Another call tries again.
  public static void load() {
    if (loaded == null) {
      UnsatisfiedLinkError failure = report().failure();
      if (failure != null) {
        throw failure;
      }
    }
  }

  /// Loads both libraries, if that is still to be done, and says what was found on the way. Never
  /// throws for a library that cannot be used.
  ///
  /// @return what was tried, found and loaded
  public static synchronized LoadReport report() {
    LoadReport done = loaded;
    if (done != null) {
      return done;
    }
    var loader = new Loader();
    LoadReport report = loader.run();
    if (report.failure() == null) {
      loaded = report;
    }
    return report;
  }

  /// The libtorch version that this build of Pantorch is for.
  ///
  /// @return a release, such as `2.13.0`
  public static String wantedLibtorchVersion() {
    try (InputStream in = NativeLibrary.class.getResourceAsStream("build.properties")) {
      if (in == null) {
        throw new IllegalStateException("dev/pantorch/ffi/build.properties is not in the jar");
      }
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("libtorch.version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// One attempt to load everything; keeps what it found even when it fails half way.
  private static final class Loader {
    private final String wanted = wantedLibtorchVersion();
    private final Path cache =
        PLATFORM.cacheDirectory(ENVIRONMENT, Path.of(System.getProperty("user.home", ".")));
    private final LibtorchLocator libtorchLocator =
        new LibtorchLocator(wanted, PLATFORM, PROPERTIES, ENVIRONMENT, cache);
    private final ShimLocator shimLocator = new ShimLocator(PLATFORM, PROPERTIES, cache);
    private final List<Attempt> loads = new ArrayList<>();
    private @Nullable Libtorch libtorch;
    private @Nullable Path shim;

    LoadReport run() {
      UnsatisfiedLinkError failure = null;
      try {
        loadLibtorch();
        loadShim();
      } catch (UnsatisfiedLinkError e) {
        failure = e;
      }
      List<Attempt> attempts = new ArrayList<>(libtorchLocator.attempts());
      attempts.addAll(shimLocator.attempts());
      attempts.addAll(loads);
      return new LoadReport(PLATFORM.toString(), wanted, attempts, libtorch, shim, failure);
    }

    private void loadLibtorch() {
      Libtorch found = libtorchLocator.locate();
      libtorch = found;
      for (String name : PLATFORM.libtorchLibraries()) {
        Path file = found.library(name, PLATFORM);
        String error = open(file);
        if (error != null) {
          throw Problem.of(
              "libtorch cannot be loaded",
              file.toString(),
              error,
              "libtorch " + wanted + " for " + PLATFORM + " with the libraries it needs",
              "install what is named above, or use a libtorch that brings it along; LIBTORCH_HOME"
                  + " names another one");
        }
      }
      for (String name : PLATFORM.acceleratorLibraries()) {
        Path file = found.library(name, PLATFORM);
        if (Files.isRegularFile(file)) {
          // A CUDA build is of use without CUDA too, so this is for the report, not a failure.
          open(file);
        }
      }
    }

    private void loadShim() {
      Path file = shimLocator.locate();
      shim = file;
      try {
        // Not by SymbolLookup: jextract's stubs look in the libraries of their class loader.
        System.load(file.toString());
      } catch (UnsatisfiedLinkError e) {
        loads.add(new Attempt("load " + file, String.valueOf(e.getMessage())));
        var error =
            Problem.of(
                "libpantorch cannot be loaded",
                file.toString(),
                String.valueOf(e.getMessage()),
                "libpantorch for libtorch " + wanted + " on " + PLATFORM,
                "build Pantorch again on this machine (mvn package)");
        error.initCause(e);
        throw error;
      }
      loads.add(new Attempt("load " + file, "loaded"));
      checkShim(file);
    }

    private void checkShim(Path file) {
      if (SymbolLookup.loaderLookup().find("pt_abi_version").isEmpty()) {
        throw wrongShim(file, "a library without pt_abi_version");
      }
      int abi = pantorch_h.pt_abi_version();
      if (abi != pantorch_h.PT_ABI_VERSION()) {
        throw wrongShim(file, "ABI " + abi);
      }
      String builtFor = pantorch_h.pt_libtorch_version().getString(0);
      if (!builtFor.equals(wanted)) {
        throw wrongShim(file, "ABI " + abi + " for libtorch " + builtFor);
      }
    }

    private UnsatisfiedLinkError wrongShim(Path file, String found) {
      return Problem.of(
          "libpantorch does not fit these classes",
          file.toString(),
          found,
          "ABI " + pantorch_h.PT_ABI_VERSION() + " for libtorch " + wanted,
          "use the library and the jars of one build");
    }

    /// Opens a library for the rest of the process. Returns null, or why it could not be opened.
    private @Nullable String open(Path file) {
      String error = null;
      try {
        SymbolLookup.libraryLookup(file, Arena.global());
      } catch (IllegalArgumentException e) {
        error = String.valueOf(e.getMessage());
      }
      loads.add(new Attempt("load " + file, error == null ? "loaded" : error));
      return error;
    }
  }
}
