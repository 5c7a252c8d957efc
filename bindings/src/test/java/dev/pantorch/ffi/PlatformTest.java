package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlatformTest {
  private static final Path HOME = Path.of("/home/ada");

  @Test
  void should_name_platforms_as_the_build_does() {
    assertThat(Platform.of("Linux", "amd64")).hasToString("linux-x86_64");
    assertThat(Platform.of("Mac OS X", "aarch64")).hasToString("macos-aarch64");
    assertThat(Platform.of("Windows 11", "amd64")).hasToString("windows-x86_64");
  }

  @Test
  void should_name_library_files() {
    assertThat(Platform.of("Linux", "amd64").libraryFile("c10")).isEqualTo("libc10.so");
    assertThat(Platform.of("Mac OS X", "aarch64").libraryFile("c10")).isEqualTo("libc10.dylib");
    assertThat(Platform.of("Windows 11", "amd64").libraryFile("c10")).isEqualTo("c10.dll");
  }

  @Test
  void should_follow_each_systems_convention_for_caches() {
    Platform linux = Platform.of("Linux", "amd64");
    assertThat(linux.cacheDirectory(Map.<String, String>of()::get, HOME))
        .isEqualTo(Path.of("/home/ada/.cache/pantorch"));
    assertThat(linux.cacheDirectory(Map.of("XDG_CACHE_HOME", "/scratch")::get, HOME))
        .isEqualTo(Path.of("/scratch/pantorch"));
    assertThat(
            Platform.of("Mac OS X", "aarch64")
                .cacheDirectory(Map.of("XDG_CACHE_HOME", "/scratch")::get, HOME))
        .isEqualTo(Path.of("/home/ada/Library/Caches/pantorch"));
    assertThat(
            Platform.of("Windows 11", "amd64")
                .cacheDirectory(Map.of("LOCALAPPDATA", "/local")::get, HOME))
        .isEqualTo(Path.of("/local/pantorch"));
  }
}
