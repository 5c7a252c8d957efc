package dev.pantorch.ffi;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Loads libtorch and libpantorch, the C shim over it, into this process.
///
/// libtorch's version is read from its files before any of it is loaded: the wrong one may crash
/// the process instead of failing. Its libraries are then opened by full path, so that the shim,
/// which knows them by name only, is bound to exactly these.
public final class NativeLibrary {
  private static final Platform PLATFORM = Platform.current();

  // No method references: on the way to the first tensor each costs the JVM its share of a
  // millisecond, and the first one some ten.
  private enum Settings implements Function<String, @Nullable String> {
    PROPERTIES {
      @Override
      public @Nullable String apply(String name) {
        return System.getProperty(name);
      }
    },
    ENVIRONMENT {
      @Override
      public @Nullable String apply(String name) {
        return System.getenv(name);
      }
    }
  }

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
    LoadReport report = attempt();
    if (report.failure() == null) {
      loaded = report;
    }
    return report;
  }

  private static LoadReport attempt() {
    UnsatisfiedLinkError failure;
    try {
      return new Loader().run();
    } catch (InvalidPathException e) {
      failure =
          Problem.of(
              "a path cannot be spelt in this process's encoding",
              e.getInput(),
              "%s in encoding %s".formatted(e.getReason(), System.getProperty("sun.jnu.encoding")),
              "an encoding that has all letters of the path",
              "run Java in a UTF-8 locale, as by LC_ALL=C.UTF-8, or use paths of plain letters");
    } catch (IllegalCallerException e) {
      failure =
          Problem.of(
              "native libraries may not be loaded",
              "the JVM's options",
              String.valueOf(e.getMessage()),
              "native access for the module dev.pantorch.ffi",
              "start Java with --enable-native-access=ALL-UNNAMED if Pantorch is on the class path,"
                  + " with --enable-native-access=dev.pantorch.ffi if it is on the module path");
    }
    return new LoadReport(
        PLATFORM.toString(), wantedLibtorchVersion(), List.of(), null, null, failure);
  }

  /// The libtorch version that this build of Pantorch is for.
  ///
  /// @return a release, such as `2.13.0`
  public static String wantedLibtorchVersion() {
    return PackedLibrary.libtorchVersion();
  }

  /// One attempt to load everything; keeps what it found even when it fails half way.
  private static final class Loader {
    private final String wanted = wantedLibtorchVersion();
    private final Path cache =
        PLATFORM.cacheDirectory(
            Settings.ENVIRONMENT, Path.of(System.getProperty("user.home", ".")));
    private final LibtorchLocator libtorchLocator =
        new LibtorchLocator(wanted, PLATFORM, Settings.PROPERTIES, Settings.ENVIRONMENT, cache);
    private final ShimLocator shimLocator = new ShimLocator(PLATFORM, Settings.PROPERTIES, cache);
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
      refuseAnother(found);
      EarlyLinking.bindNatives();
      for (String name : PLATFORM.libtorchLibraries()) {
        Path file = found.library(name, PLATFORM);
        String error = open(file);
        if (error != null) {
          throw Problem.of(
              "libtorch cannot be loaded",
              file.toString(),
              error,
              "libtorch " + wanted + " for " + PLATFORM + " with the libraries it needs",
              LibraryFile.remedy(
                  error,
                  "delete this libtorch and fetch it again; LIBTORCH_HOME names another one",
                  "LIBTORCH_HOME"));
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

    private void refuseAnother(Libtorch found) {
      Path other = OtherLibtorch.find(found, PLATFORM);
      if (other != null) {
        loads.add(new Attempt("libraries of this process", other.toString()));
        throw Problem.of(
            "another libtorch is in this process already",
            other.toString(),
            "loaded by another library or another part of the program",
            "one libtorch in a process, " + found.home(),
            "run the two in processes of their own; or, if the other is libtorch "
                + wanted
                + " too, let LIBTORCH_HOME name its folder, so that both use it");
      }
    }

    private void loadShim() {
      Path file = shimLocator.locate();
      shim = file;
      // Not by SymbolLookup: jextract's stubs look in the libraries of their class loader.
      String error = systemLoad(file);
      if (error != null) {
        loads.add(new Attempt("load " + file, error));
        throw Problem.of(
            "libpantorch cannot be loaded",
            file.toString(),
            error,
            "libpantorch for libtorch " + wanted + " on " + PLATFORM,
            LibraryFile.remedy(
                error,
                "build Pantorch again on this machine (mvn package)",
                PLATFORM.cacheSetting() + " or the system property pantorch.library"));
      }
      loads.add(new Attempt("load " + file, "loaded"));
      checkShim(file);
    }

    private void checkShim(Path file) {
      if (SymbolLookup.loaderLookup().find("pt_runtime_identify").isEmpty()) {
        throw wrongShim(file, "a library without pt_runtime_identify");
      }
      long abi;
      String builtFor;
      try (Arena arena = Arena.ofConfined()) {
        long identity = arena.allocate(2 * Long.BYTES, Long.BYTES).address();
        pantorch_h.pt_runtime_identify(2, identity);
        abi = NativeMemory.ALL.get(ValueLayout.JAVA_LONG, identity);
        long version = NativeMemory.ALL.get(ValueLayout.JAVA_LONG, identity + Long.BYTES);
        builtFor = NativeMemory.ALL.getString(version);
      }
      if (abi != pantorch_h.PT_ABI_VERSION()) {
        throw wrongShim(file, "ABI " + abi);
      }
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
      String error = LibraryFile.fault(file, PLATFORM);
      if (error == null) {
        try {
          SymbolLookup.libraryLookup(file, Arena.global());
        } catch (IllegalArgumentException e) {
          // It says that, not why; this one does.
          error = systemLoad(file);
        }
      }
      loads.add(new Attempt("load " + file, error == null ? "loaded" : error));
      return error;
    }

    /// Returns null, or why the library could not be loaded.
    private static @Nullable String systemLoad(Path file) {
      String fault = LibraryFile.fault(file, PLATFORM);
      if (fault != null) return fault;
      try {
        System.load(file.toString());
        return null;
      } catch (UnsatisfiedLinkError e) {
        return String.valueOf(e.getMessage());
      }
    }
  }
}
