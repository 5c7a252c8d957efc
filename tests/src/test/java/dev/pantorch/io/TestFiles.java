package dev.pantorch.io;

import static java.util.Objects.requireNonNull;

import java.net.URISyntaxException;
import java.nio.file.Path;

/// The committed fixtures.
final class TestFiles {
  private TestFiles() {}

  static Path fixture(String name) {
    try {
      return Path.of(requireNonNull(TestFiles.class.getResource("/fixtures/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
