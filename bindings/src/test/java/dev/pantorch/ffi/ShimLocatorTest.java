package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShimLocatorTest {
  private final Map<String, String> properties = new HashMap<>();
  @TempDir Path cache;

  @Test
  void should_unpack_the_packed_library_once() throws IOException {
    Path first = locator(Platform.current()).locate();
    var time = Files.getLastModifiedTime(first);
    Path second = locator(Platform.current()).locate();

    assertThat(second).isEqualTo(first).isRegularFile();
    assertThat(Files.getLastModifiedTime(second)).isEqualTo(time);
    try (Stream<Path> files = Files.walk(cache).filter(Files::isRegularFile)) {
      assertThat(files).containsExactly(first);
    }
  }

  @Test
  void should_replace_a_truncated_unpacked_library() throws IOException {
    Path first = locator(Platform.current()).locate();
    long size = Files.size(first);
    Files.writeString(first, "broken");

    assertThat(Files.size(locator(Platform.current()).locate())).isEqualTo(size);
  }

  @Test
  void should_take_the_library_that_the_system_property_names() throws IOException {
    Path file = Files.createFile(cache.resolve("libmine.so"));
    properties.put("pantorch.library", file.toString());
    ShimLocator locator = locator(Platform.current());

    assertThat(locator.locate()).isEqualTo(file);
    assertThat(locator.attempts())
        .containsExactly(new Attempt("system property pantorch.library = " + file, "found"));
  }

  @Test
  void should_refuse_a_named_library_that_does_not_exist() {
    properties.put("pantorch.library", "/nowhere/libpantorch.so");

    assertThatThrownBy(() -> locator(Platform.current()).locate())
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libpantorch cannot be used.
              path:   /nowhere/libpantorch.so
              found:  no such file
              wanted: the library built from native/
              remedy: point pantorch.library at it, or unset it to use the one in the jar\
            """);
  }

  @Test
  void should_name_a_platform_that_nothing_was_packed_for() {
    ShimLocator locator = locator(new Platform("linux", "s390x"));

    assertThatThrownBy(locator::locate)
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libpantorch cannot be used.
              path:   native/linux-s390x/libpantorch.so
              found:  no such resource beside dev.pantorch.ffi
              wanted: libpantorch for linux-s390x
              remedy: build Pantorch on this platform (mvn package), or name the library with the system property pantorch.library\
            """);
  }

  private ShimLocator locator(Platform platform) {
    return new ShimLocator(platform, properties::get, cache);
  }
}
