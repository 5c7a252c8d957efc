package dev.pantorch.internal;

import dev.pantorch.TorchException;
import dev.pantorch.ffi.LibraryFile;
import dev.pantorch.ffi.generated.pantorch_h;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Libraries of custom operators. A library registers its operators while it is loaded, and what
/// libtorch throws then, for a name that is taken, cannot pass the dynamic linker: it ends the
/// process. So what can be foreseen is refused before.
public final class CustomLibraries {
  private static final int PIECE = 1 << 24;
  private static final int LONGEST_NAME = 1 << 12;

  /// What the macro `TORCH_LIBRARY(ns, m)` calls its variable, with the name's length before it.
  private static final String PREFIX = "TORCH_LIBRARY_static_init_";

  private static final Pattern NAMESPACE = Pattern.compile("(\\d{2,4})" + PREFIX + "(\\w+)");

  private static final Pattern UNRESOLVED = Pattern.compile("undefined symbol: (\\w+)");
  private static final Pattern OF_LIBTORCH =
      Pattern.compile("_ZN?K?(St)?\\d*(3c10|2at|5torch).*|aoti_.*");

  private static final Set<String> LOADED = new HashSet<>();
  private static final Map<String, Path> NAMESPACES = new HashMap<>();

  private CustomLibraries() {}

  /// Loads a library once, for as long as the process lives.
  ///
  /// @throws IOException if the file cannot be read
  public static void load(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new FileNotFoundException("there is no library %s".formatted(path));
    }
    NativeRuntime.ensureLoaded();
    String fault = LibraryFile.fault(path);
    if (fault != null) throw new TorchException("%s cannot be loaded: %s".formatted(path, fault));
    synchronized (LOADED) {
      Set<String> namespaces = new HashSet<>();
      String digest = read(path, namespaces);
      if (LOADED.contains(digest)) return;
      for (String namespace : namespaces) {
        Path earlier = NAMESPACES.get(namespace);
        if (earlier != null) {
          throw new TorchException(
              "%s cannot be loaded: it defines the operators of '%s', which %s has defined already; a process loads one version of a library, so restart it for another, or use TORCH_LIBRARY_FRAGMENT for several parts"
                  .formatted(path, namespace, earlier));
        }
      }
      open(path);
      LOADED.add(digest);
      namespaces.forEach(namespace -> NAMESPACES.put(namespace, path));
    }
  }

  private static void open(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      NativeErrors.check(
          pantorch_h.pt_op_load_library(arena.allocateFrom(path.toAbsolutePath().toString())));
    } catch (TorchException e) {
      throw refused(path, explained(String.valueOf(e.getMessage())), e);
    }
  }

  private static TorchException refused(Path path, String why, Exception cause) {
    TorchException refusal = new TorchException("%s cannot be loaded: %s".formatted(path, why));
    refusal.initCause(cause);
    return refusal;
  }

  /// What the dynamic linker says, and what can be done about it.
  public static String explained(String message) {
    String text = message.replaceFirst("^Error in dlopen: ", "");
    Matcher unresolved = UNRESOLVED.matcher(text);
    if (!unresolved.find()) return text;
    boolean torch = OF_LIBTORCH.matcher(unresolved.group(1)).matches();
    return torch
        ? text
            + "; it was built with another version of libtorch: build it with "
            + pantorch_h.pt_libtorch_version().getString(0)
        : text + "; link it with the library that has this function";
  }

  /// The file's digest; adds the namespaces that it defines.
  private static String read(Path path, Set<String> namespaces) throws IOException {
    MessageDigest digest = sha256();
    try (FileChannel file = FileChannel.open(path);
        Arena arena = Arena.ofConfined()) {
      long size = file.size();
      for (long at = 0; at < size; at += PIECE) {
        // Pieces overlap, so that no name is cut in two.
        long length = Math.min(PIECE + LONGEST_NAME, size - at);
        var piece = file.map(MapMode.READ_ONLY, at, length, arena).asByteBuffer();
        String text = StandardCharsets.ISO_8859_1.decode(piece.duplicate()).toString();
        Matcher names = NAMESPACE.matcher(text);
        while (names.find()) namespaces.add(namespace(names));
        digest.update(piece.limit((int) Math.min(PIECE, length)));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String namespace(Matcher found) {
    int length = Integer.parseInt(found.group(1)) - PREFIX.length();
    return found.group(2).substring(0, Math.clamp(length, 0, found.group(2).length()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
