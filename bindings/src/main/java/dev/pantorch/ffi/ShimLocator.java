package dev.pantorch.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Finds libpantorch: the file that the system property `pantorch.library` names, else the library
/// packed as a resource beside these classes, which is unpacked into the per-user cache once.
final class ShimLocator {
  static final String LIBRARY_PROPERTY = "pantorch.library";

  private final Platform platform;
  private final Function<String, @Nullable String> properties;
  private final Path cache;
  private final List<Attempt> attempts = new ArrayList<>();

  ShimLocator(Platform platform, Function<String, @Nullable String> properties, Path cache) {
    this.platform = platform;
    this.properties = properties;
    this.cache = cache;
  }

  /// What was tried so far, in order.
  List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /// Finds the library's file.
  ///
  /// @throws UnsatisfiedLinkError if there is none; the message gives path, found, wanted and
  ///   remedy
  Path locate() {
    String place = "system property " + LIBRARY_PROPERTY;
    String named = properties.apply(LIBRARY_PROPERTY);
    if (named == null || named.isEmpty()) {
      attempts.add(new Attempt(place, "not set"));
      return packed();
    }
    if (!Files.isRegularFile(Path.of(named))) {
      attempts.add(new Attempt(place + " = " + named, "no such file"));
      throw Problem.of(
          "libpantorch cannot be used",
          named,
          "no such file",
          "the library built from native/",
          "point " + LIBRARY_PROPERTY + " at it, or unset it to use the one in the jar");
    }
    attempts.add(new Attempt(place + " = " + named, "found"));
    return Path.of(named).toAbsolutePath();
  }

  private Path packed() {
    String resource = "native/" + platform + "/" + platform.libraryFile("pantorch");
    Path known = isKnown() ? folder(PackedLibrary.hash()) : null;
    if (known != null && isWhole(file(known), PackedLibrary.bytes())) {
      return found(resource, file(known));
    }
    try (InputStream in = ShimLocator.class.getResourceAsStream(resource)) {
      if (in == null) {
        attempts.add(new Attempt("resource " + resource, "not in the jar"));
        throw Problem.of(
            "libpantorch cannot be used",
            resource,
            "no such resource beside dev.pantorch.ffi",
            "libpantorch for " + platform,
            "build Pantorch on this platform (mvn package), or name the library with the system"
                + " property "
                + LIBRARY_PROPERTY);
      }
      byte[] library = in.readAllBytes();
      return found(resource, unpack(library, known == null ? folder(hash(library)) : known));
    } catch (IOException e) {
      var error =
          Problem.of(
              "libpantorch cannot be unpacked",
              cache.toString(),
              e.toString(),
              "a folder that can be written",
              "make it so, let "
                  + platform.cacheSetting()
                  + " name another one, or name an unpacked library with the system property "
                  + LIBRARY_PROPERTY);
      error.initCause(e);
      throw error;
    }
  }

  private Path found(String resource, Path file) {
    attempts.add(new Attempt("resource " + resource, "unpacked to " + file));
    return file;
  }

  /// Whether the library need not be read to know its hash: in a jar it is of the same build as
  /// these classes, in a folder it may have been built again.
  private boolean isKnown() {
    CodeSource source = ShimLocator.class.getProtectionDomain().getCodeSource();
    return cache.isAbsolute()
        && PackedLibrary.platform().equals(platform.toString())
        && source != null
        && source.getLocation() != null
        && source.getLocation().getPath().endsWith(".jar");
  }

  /// Under its hash, so that versions live side by side and none is written twice.
  private Path folder(String hash) {
    return cache.resolve("shim").resolve(hash);
  }

  private Path file(Path folder) {
    return folder.resolve(platform.libraryFile("pantorch"));
  }

  private static boolean isWhole(Path file, long bytes) {
    try {
      return Files.isRegularFile(file) && Files.size(file) == bytes;
    } catch (IOException e) {
      return false;
    }
  }

  private Path unpack(byte[] library, Path folder) throws IOException {
    // A process whose user has no home folder has "?" for one.
    if (!cache.isAbsolute())
      throw new IOException("no absolute path: has this user no home folder?");
    Path file = file(folder);
    if (isWhole(file, library.length)) return file;
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, "pantorch", ".part");
    try {
      Files.write(part, library);
      // Another process may be doing the same; whoever comes last replaces equal by equal.
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
    return file;
  }

  /// Two checksums of 32 bits: they tell builds apart as well as 64 bits of a digest would, without
  /// the JDK's security providers, which take a tenth of a second to start.
  private static String hash(byte[] content) {
    var crc32 = new CRC32();
    var crc32c = new CRC32C();
    crc32.update(content);
    crc32c.update(content);
    return HexFormat.of().toHexDigits(crc32.getValue() << 32 | crc32c.getValue());
  }
}
