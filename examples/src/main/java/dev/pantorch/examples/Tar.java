package dev.pantorch.examples;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/// Reads the archives that npm makes: gzip, then tar in the POSIX format, whose files all lie in
/// the folder `package`.
final class Tar {
  private static final int BLOCK = 512;
  private static final int BUFFER = 1 << 16;
  private static final String ROOT = "package/";

  private Tar() {}

  /// Reads the wanted files.
  ///
  /// @param wanted which paths, without `package/`
  /// @return contents by path
  static SortedMap<String, byte[]> read(InputStream archive, Predicate<String> wanted)
      throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (var in = new BufferedInputStream(new GZIPInputStream(archive, BUFFER), BUFFER)) {
      while (true) {
        byte[] header = in.readNBytes(BLOCK);
        // Blocks of zeros end an archive.
        if (header.length < BLOCK || header[0] == 0) return files;
        long size = Long.parseLong(text(header, 124, 12).strip(), 8);
        char type = (char) header[156];
        String path = path(header);
        if ((type == '0' || type == 0) && wanted.test(path)) {
          byte[] content = in.readNBytes(Math.toIntExact(size));
          if (content.length < size) throw new EOFException("the archive ends within " + path);
          files.put(path, content);
          in.skipNBytes(Math.floorMod(-size, BLOCK));
        } else {
          in.skipNBytes(size + Math.floorMod(-size, BLOCK));
        }
      }
    }
  }

  private static String path(byte[] header) {
    String prefix = text(header, 345, 155);
    String path = (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, 100);
    return path.startsWith(ROOT) ? path.substring(ROOT.length()) : path;
  }

  private static String text(byte[] header, int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) end++;
    return new String(header, offset, end - offset, StandardCharsets.UTF_8);
  }
}
