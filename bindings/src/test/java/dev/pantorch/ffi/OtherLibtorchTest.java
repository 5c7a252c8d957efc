package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherLibtorchTest {
  private static final Platform LINUX = new Platform("linux", "x86_64");

  @TempDir private Path folder;

  private static String line(Path file) {
    return "7f3ab8cda000-7f3ab8d04000 r-xp 00028000 fd:01 6556165                    "
        + file
        + "\n";
  }

  private Path library(String place) throws IOException {
    Path file = folder.resolve(place);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  @Test
  void should_find_a_library_of_another_libtorch() throws IOException {
    Path own = library("own/lib/libtorch_cpu.so");
    Path other = library("with a blank/lib/libtorch_cpu.so");
    Libtorch ours = new Libtorch(folder.resolve("own"), "2.13.0");

    String heap = "7f00-7f01 rw-p 0 00:00 0 [heap]\n";
    assertThat(OtherLibtorch.find(ours, LINUX, line(own) + heap)).isNull();
    assertThat(OtherLibtorch.find(ours, LINUX, line(own) + heap + line(other))).isEqualTo(other);
  }

  @Test
  void should_know_its_own_by_another_name() throws IOException {
    Path own = library("own/lib/libc10.so");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("own"));
    Libtorch ours = new Libtorch(folder.resolve("link"), "2.13.0");

    assertThat(OtherLibtorch.find(ours, LINUX, line(own))).isNull();
  }
}
