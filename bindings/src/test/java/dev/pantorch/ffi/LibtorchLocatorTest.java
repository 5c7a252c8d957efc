package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Finds libtorch in folders made for the test: nothing here loads a library.
class LibtorchLocatorTest {
  private static final Platform LINUX = new Platform("linux", "x86_64");

  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final Path folder;
  private final Path cache;
  private final LibtorchLocator locator;

  LibtorchLocatorTest(@TempDir Path folder) {
    this.folder = folder;
    this.cache = folder.resolve("cache");
    this.locator = new LibtorchLocator("2.13.0", LINUX, properties::get, environment::get, cache);
  }

  @Test
  void should_take_the_system_property_first() throws IOException {
    properties.put("pantorch.libtorch.home", libtorch("a", "2.13.0+cpu").toString());
    environment.put("LIBTORCH_HOME", libtorch("b", "2.13.0+cpu").toString());

    assertThat(locator.locate()).isEqualTo(new Libtorch(folder.resolve("a"), "2.13.0+cpu"));
    assertThat(locator.attempts())
        .containsExactly(
            new Attempt(
                "system property pantorch.libtorch.home = " + folder.resolve("a"),
                "libtorch 2.13.0+cpu"));
  }

  @Test
  void should_take_the_environment_variable_before_the_cache() throws IOException {
    environment.put("LIBTORCH_HOME", libtorch("b", "2.13.0").toString());
    libtorch("cache/libtorch/2.13.0-cpu", "2.13.0");

    assertThat(locator.locate().home()).isEqualTo(folder.resolve("b"));
  }

  @Test
  void should_treat_an_empty_setting_as_not_set() throws IOException {
    properties.put("pantorch.libtorch.home", "");
    environment.put("LIBTORCH_HOME", "");
    environment.put("LIBTORCH_VARIANT", "");
    Path home = libtorch("cache/libtorch/2.13.0-cpu", "2.13.0");

    assertThat(locator.locate().home()).isEqualTo(home);
    assertThat(locator.attempts())
        .containsExactly(
            new Attempt("system property pantorch.libtorch.home", "not set"),
            new Attempt("environment variable LIBTORCH_HOME", "not set"),
            new Attempt("cache " + home, "libtorch 2.13.0"));
  }

  @Test
  void should_prefer_an_accelerated_build_in_the_cache() throws IOException {
    libtorch("cache/libtorch/2.13.0-cpu", "2.13.0+cpu");
    libtorch("cache/libtorch/2.13.0-cu126", "2.13.0+cu126");
    Path newest = libtorch("cache/libtorch/2.13.0-cu130", "2.13.0+cu130");
    Files.createDirectories(cache.resolve("libtorch/2.13.0-xpu.part"));
    Files.createFile(cache.resolve("libtorch/2.13.0-xpu.lock"));

    assertThat(locator.locate().home()).isEqualTo(newest);
  }

  @Test
  void should_take_the_variant_asked_for() throws IOException {
    environment.put("LIBTORCH_VARIANT", "cpu");
    Path cpu = libtorch("cache/libtorch/2.13.0-cpu", "2.13.0+cpu");
    libtorch("cache/libtorch/2.13.0-cu130", "2.13.0+cu130");

    assertThat(locator.locate().home()).isEqualTo(cpu);
  }

  @Test
  void should_read_the_version_of_a_python_torch_folder() throws IOException {
    Path home = libraries("torch");
    Files.writeString(
        home.resolve("version.py"),
        """
        from typing import Optional

        __all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip', 'rocm', 'xpu']
        __version__ = '2.13.0+cu130'
        """);
    environment.put("LIBTORCH_HOME", home.toString());

    assertThat(locator.locate().version()).isEqualTo("2.13.0+cu130");
  }

  @Test
  void should_read_the_version_from_the_headers_when_nothing_else_states_it() throws IOException {
    Path home = libraries("torch");
    Path header = home.resolve("include/torch/headeronly/version.h");
    Files.createDirectories(header.resolveSibling("."));
    Files.writeString(
        header, "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION \\\n  \"2.13.0\"\n");
    environment.put("LIBTORCH_HOME", home.toString());

    assertThat(locator.locate().version()).isEqualTo("2.13.0");
  }

  @Test
  void should_say_everything_that_was_tried_when_there_is_no_libtorch() {
    assertThatThrownBy(locator::locate)
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libtorch 2.13.0 was not found.
              tried:
                system property pantorch.libtorch.home: not set
                environment variable LIBTORCH_HOME: not set
                cache %s/libtorch/2.13.0-*: nothing there
              wanted: libtorch 2.13.0 for linux-x86_64
              remedy: unpack libtorch 2.13.0 and set LIBTORCH_HOME to its folder, or to the torch folder of a Python installation that has it\
            """
                .formatted(cache));
  }

  @Test
  void should_refuse_another_version() throws IOException {
    Path home = libtorch("old", "2.12.1+cu126");
    environment.put("LIBTORCH_HOME", home.toString());

    assertThatThrownBy(locator::locate)
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libtorch cannot be used.
              path:   %s
              found:  libtorch 2.12.1+cu126
              wanted: libtorch 2.13.0
              remedy: point LIBTORCH_HOME at libtorch 2.13.0, or unset it to use the one in the cache\
            """
                .formatted(home));
  }

  @Test
  void should_not_pass_over_a_named_folder_that_does_not_exist() throws IOException {
    Path home = folder.resolve("nowhere");
    properties.put("pantorch.libtorch.home", home.toString());
    libtorch("cache/libtorch/2.13.0-cpu", "2.13.0");

    assertThatThrownBy(locator::locate)
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libtorch cannot be used.
              path:   %s
              found:  no such folder
              wanted: libtorch 2.13.0
              remedy: point pantorch.libtorch.home at libtorch 2.13.0, or unset it to use the one in the cache\
            """
                .formatted(home));
  }

  @Test
  void should_name_missing_libraries() throws IOException {
    Path home = libtorch("half", "2.13.0");
    Files.delete(home.resolve("lib/libtorch_cpu.so"));
    environment.put("LIBTORCH_HOME", home.toString());

    assertThatThrownBy(locator::locate)
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libtorch cannot be used.
              path:   %s
              found:  no lib/libtorch_cpu.so
              wanted: libtorch 2.13.0
              remedy: point LIBTORCH_HOME at libtorch 2.13.0, or unset it to use the one in the cache\
            """
                .formatted(home));
  }

  @Test
  void should_refuse_libraries_of_an_unknown_version() throws IOException {
    Path home = libraries("cache/libtorch/2.13.0-cpu");

    assertThatThrownBy(locator::locate)
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            """
            libtorch cannot be used.
              path:   %s
              found:  no version in any of build-version, version.py, include/torch/headeronly/version.h
              wanted: libtorch 2.13.0
              remedy: delete this folder; the next build fetches it again\
            """
                .formatted(home));
  }

  private Path libtorch(String name, String version) throws IOException {
    Path home = libraries(name);
    Files.writeString(home.resolve("build-version"), version + "\n");
    return home;
  }

  private Path libraries(String name) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("lib"));
    for (String library : LINUX.libtorchLibraries()) {
      Files.createFile(home.resolve("lib").resolve(LINUX.libraryFile(library)));
    }
    return home;
  }
}
