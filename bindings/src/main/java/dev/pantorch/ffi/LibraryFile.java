package dev.pantorch.ffi;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What can be wrong with a library's file, and what the system's linker means by its words.
public final class LibraryFile {
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int LOADED_SEGMENT = 1;

  /// `e_machine` of ELF by the names that {@link Platform} has.
  private static final Map<String, Integer> MACHINES =
      Map.of("x86_64", 62, "aarch64", 183, "s390x", 22, "ppc64le", 21, "riscv64", 243);

  /// Compiled with the first error.
  private static final class Words {
    static final Pattern NOT_EXECUTABLE =
        Pattern.compile("failed to map segment|Operation not permitted|Permission denied");
    static final Pattern NOT_FOUND =
        Pattern.compile("No such file or directory|Library not loaded|find dependent libraries");
    static final Pattern SYSTEM_TOO_OLD = Pattern.compile("version `[A-Z]+_[0-9.]+' not found");
    static final Pattern WRONG_FILE =
        Pattern.compile(
            "invalid ELF header|file too short|wrong ELF class|Exec format|cannot read file data"
                + "|not a mach-o|incompatible architecture|not a valid Win32|is cut short"
                + "|no library|is for ");
    static final Pattern OTHER_LOADER = Pattern.compile("already loaded in another classloader");
  }

  private LibraryFile() {}

  /// Looks at a file before this platform's linker does: one that was cut short kills the process
  /// inside the linker.
  ///
  /// @param file a library
  /// @return what is wrong with it, or null
  public static @Nullable String fault(Path file) {
    return fault(file, Platform.current());
  }

  /// The same for any platform. Files are cut short by a full disk or an interrupted copy.
  ///
  /// @return what is wrong with it, or null
  static @Nullable String fault(Path file, Platform platform) {
    if (!platform.os().equals("linux")) return null;
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      ByteBuffer header = read(open, 0, HEADER_BYTES);
      if (header.remaining() < HEADER_BYTES || header.getInt(0) != 0x464c457f) {
        return "no library: it does not begin as an ELF file";
      }
      Integer machine = MACHINES.get(platform.arch());
      int found = Short.toUnsignedInt(header.getShort(18));
      if (machine != null && found != machine) {
        return "it is for %s, and this is %s".formatted(machineName(found), platform.arch());
      }
      long end = end(open, header);
      return end > open.length()
          ? "it is cut short: %,d bytes of at least %,d".formatted(open.length(), end)
          : null;
    } catch (IOException e) {
      return "unreadable (" + e + ")";
    }
  }

  private static String machineName(int machine) {
    return MACHINES.entrySet().stream()
        .filter(entry -> entry.getValue() == machine)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("machine " + machine);
  }

  /// Where the last segment ends that the linker maps.
  private static long end(RandomAccessFile file, ByteBuffer header) throws IOException {
    long at = header.getLong(32);
    int bytes = Short.toUnsignedInt(header.getShort(54));
    int count = Short.toUnsignedInt(header.getShort(56));
    long end = at + (long) bytes * count;
    if (end > file.length() || bytes < PROGRAM_HEADER_BYTES) return end;
    ByteBuffer segments = read(file, at, bytes * count);
    for (int segment = 0; segment < bytes * count; segment += bytes) {
      if (segments.getInt(segment) == LOADED_SEGMENT) {
        end = Math.max(end, segments.getLong(segment + 8) + segments.getLong(segment + 32));
      }
    }
    return end;
  }

  private static ByteBuffer read(RandomAccessFile file, long at, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    file.seek(at);
    int length = 0;
    for (int got; (got = file.read(content, length, bytes - length)) > 0; ) length += got;
    return ByteBuffer.wrap(content, 0, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// What to do about a library that could not be loaded.
  ///
  /// @param error the linker's words
  /// @param renew how to get the library's file anew
  /// @param setting what names another place for it
  static String remedy(String error, String renew, String setting) {
    if (Words.OTHER_LOADER.matcher(error).find()) {
      return "Pantorch is in this process already: have one class loader load its jars for all"
          + " (in a server, put them where its own libraries are)";
    }
    if (Words.SYSTEM_TOO_OLD.matcher(error).find()) {
      return "this system's C or C++ library is older than the one it was built with: use a newer"
          + " system, or build it here";
    }
    if (Words.WRONG_FILE.matcher(error).find()) return renew;
    if (Words.NOT_FOUND.matcher(error).find()) {
      return "install what is named above, or use a libtorch that brings it along; LIBTORCH_HOME"
          + " names another one";
    }
    if (Words.NOT_EXECUTABLE.matcher(error).find()) {
      return "files there may not be executed: it may be on a file system that is mounted noexec;"
          + " let "
          + setting
          + " name a place on another one";
    }
    return renew;
  }
}
