package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryFileTest {
  @TempDir private Path folder;
  private byte[] library;

  @BeforeEach
  void readTheShim() throws IOException {
    String resource =
        "native/%s/%s".formatted(Platform.current(), Platform.current().libraryFile("pantorch"));
    try (var in = LibraryFile.class.getResourceAsStream(resource)) {
      library = in.readAllBytes();
    }
  }

  private @Nullable String fault(byte[] bytes) throws IOException {
    return LibraryFile.fault(Files.write(folder.resolve("library"), bytes), Platform.current());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void should_find_no_fault_with_a_whole_library() throws IOException {
    assertThat(fault(library)).isNull();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void should_notice_a_library_that_was_cut_short() throws IOException {
    for (int length : new int[] {64, 100, 5000, library.length / 2}) {
      assertThat(fault(Arrays.copyOf(library, length)))
          .matches("it is cut short: %,d bytes of at least [0-9,]+".formatted(length));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void should_notice_what_is_no_library() throws IOException {
    for (byte[] bytes :
        new byte[][] {{}, "broken".getBytes(StandardCharsets.UTF_8), new byte[1000]}) {
      assertThat(fault(bytes)).isEqualTo("no library: it does not begin as an ELF file");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void should_notice_a_library_for_another_processor() throws IOException {
    library[18] = 22;
    assertThat(fault(library))
        .isEqualTo("it is for s390x, and this is %s".formatted(Platform.current().arch()));
    library[18] = 42;
    assertThat(fault(library)).startsWith("it is for machine 42, and");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void should_say_why_a_file_cannot_be_read() {
    assertThat(LibraryFile.fault(folder, Platform.current())).startsWith("unreadable (java.io.");
  }

  /// The words are those of glibc, dyld, Windows and the JDK.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /c/libc10.so: failed to map segment from shared object                      | files there may not be executed
          /c/a.so: libgomp.so.1: cannot open shared object file: No such file or directory | install what is named above
          /c/a.so: /lib/libc.so.6: version `GLIBC_2.38' not found (required by /c/a.so) | this system's C or C++ library is older
          /c/a.so: invalid ELF header                                                 | get it anew
          it is cut short: 5 bytes of at least 70                                     | get it anew
          it is for aarch64, and this is x86_64                                       | get it anew
          /c/a.so: undefined symbol: _ZN3c105ErrorE                                   | get it anew
          dlopen(/c/a.dylib, 0x0001): tried: '/c/a.dylib' (mach-o file, but is an incompatible architecture | get it anew
          C:/a.dll: Can't find dependent libraries                                   | install what is named above
          Native Library /c/a.so already loaded in another classloader                | Pantorch is in this process already
          """)
  void should_know_what_to_do(String error, String remedy) {
    assertThat(LibraryFile.remedy(error, "get it anew", "A_SETTING")).startsWith(remedy);
  }
}
