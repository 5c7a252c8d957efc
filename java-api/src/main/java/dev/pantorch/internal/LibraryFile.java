package dev.pantorch.internal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Locale;

/// What can be seen of a shared library before it is loaded.
public final class LibraryFile {
  private static final int ELF = 0x464c457f;
  private static final int ELF64_HEADER = 64;
  private static final int ELF64_SEGMENT = 56;
  private static final int LOADED = 1;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LibraryFile() {}

  /// Refuses what is no library of Linux's, or only a part of one: the dynamic linker maps a file
  /// that is too short and dies of it, and the JVM with it. Other systems' linkers look themselves.
  ///
  /// @throws IOException if so; says what is wrong
  public static void check(Path path) throws IOException {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) return;
    try (FileChannel file = FileChannel.open(path);
        Arena arena = Arena.ofConfined()) {
      check(file.map(MapMode.READ_ONLY, 0, file.size(), arena));
    }
  }

  private static void check(MemorySegment file) throws IOException {
    if (file.byteSize() < ELF64_HEADER || file.get(INT, 0) != ELF) {
      throw new IOException("it is no shared library");
    }
    if (file.get(ValueLayout.JAVA_BYTE, 4) != 2 || file.get(ValueLayout.JAVA_BYTE, 5) != 1) {
      throw new IOException("it is a library for another kind of processor");
    }
    long at = file.get(LONG, 32);
    int bytes = file.get(SHORT, 54) & 0xFFFF;
    int count = file.get(SHORT, 56) & 0xFFFF;
    if (bytes != ELF64_SEGMENT || at < 0 || at > file.byteSize() - (long) bytes * count) {
      throw new IOException("it is no whole shared library: it was probably cut off");
    }
    for (int i = 0; i < count; i++, at += ELF64_SEGMENT) {
      long begin = file.get(LONG, at + 8);
      long length = file.get(LONG, at + 32);
      if (file.get(INT, at) == LOADED
          && (begin < 0 || length < 0 || begin > file.byteSize() - length)) {
        throw new IOException(
            "it has %d bytes, but should have %d at least: it was probably cut off"
                .formatted(file.byteSize(), begin + length));
      }
    }
  }
}
