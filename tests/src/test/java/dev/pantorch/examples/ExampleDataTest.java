package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleDataTest {
  @TempDir Path folder;

  private static ExampleData of(byte[] archive) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
      return new ExampleData("@made/up", "1.2.3", HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /// A file in the POSIX format: name, size, type and prefix in a block, then blocks of content.
  private static byte[] entry(String prefix, String name, char type, String content) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 124, "%011o".formatted(content.length()));
    header[156] = (byte) type;
    put(header, 345, prefix);
    var out = new ByteArrayOutputStream();
    out.writeBytes(header);
    byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
    out.writeBytes(Arrays.copyOf(bytes, (bytes.length + 511) / 512 * 512));
    return out.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  private static byte[] gzip(byte[]... blocks) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      for (byte[] block : blocks) gzip.write(block);
    }
    return out.toByteArray();
  }

  private static byte[] archive() throws IOException {
    return gzip(
        entry("", "package/b.txt", '0', "second"),
        entry("", "package/data", '5', ""),
        entry("", "package/c.bin", '0', "x".repeat(1000)),
        entry("package/data", "a.txt", '0', ""),
        new byte[1024]);
  }

  @Test
  void should_read_the_wanted_files_of_an_archive() throws IOException {
    Path file = Files.write(folder.resolve("up.tgz"), archive());
    SortedMap<String, byte[]> files = of(archive()).read(file, path -> path.endsWith(".txt"));
    assertThat(files.keySet()).containsExactly("b.txt", "data/a.txt");
    assertThat(files.get("b.txt")).asString(StandardCharsets.US_ASCII).isEqualTo("second");
    assertThat(files.get("data/a.txt")).isEmpty();
  }

  @Test
  void should_read_the_wanted_files_of_a_folder() throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("data")).resolve("a.txt"), "first");
    Files.writeString(folder.resolve("c.bin"), "x");
    SortedMap<String, byte[]> files = of(archive()).read(folder, path -> path.endsWith(".txt"));
    assertThat(files.keySet()).containsExactly("data/a.txt");
    assertThat(files.get("data/a.txt")).asString(StandardCharsets.US_ASCII).isEqualTo("first");
  }

  @Test
  void should_refuse_another_archive() throws IOException {
    Path file = Files.write(folder.resolve("up.tgz"), gzip(new byte[1024]));
    assertThatThrownBy(() -> of(archive()).read(file, _ -> true))
        .isInstanceOf(ExampleData.UnavailableException.class)
        .hasMessageStartingWith(file + " is not @made/up, version 1.2.3.")
        .hasMessageContaining("wanted: SHA-256 " + of(archive()).sha256());
  }

  @Test
  void should_refuse_an_archive_that_ends_too_early() throws IOException {
    byte[] broken = gzip(Arrays.copyOf(entry("", "package/b.txt", '0', "second"), 515));
    Path file = Files.write(folder.resolve("up.tgz"), broken);
    assertThatThrownBy(() -> of(broken).read(file, _ -> true))
        .isInstanceOf(EOFException.class)
        .hasMessage("the archive ends within b.txt");
  }

  @Test
  void should_refuse_a_place_without_the_data() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    ExampleData data = of(archive());
    assertThatThrownBy(() -> data.read(nowhere, _ -> true))
        .isInstanceOf(ExampleData.UnavailableException.class)
        .hasMessage("--data " + nowhere + ": not there");
    assertThatThrownBy(() -> data.read(folder, _ -> true))
        .isInstanceOf(ExampleData.UnavailableException.class)
        .hasMessage(folder + " has none of the files of @made/up");
  }

  @Test
  void should_name_files_as_npm_does() {
    assertThat(new ExampleData("@scope/some-data", "1.0.0", "").fileName())
        .isEqualTo("scope-some-data-1.0.0.tgz");
    assertThat(new ExampleData("data", "1.0.0", "").fileName()).isEqualTo("data-1.0.0.tgz");
  }
}
