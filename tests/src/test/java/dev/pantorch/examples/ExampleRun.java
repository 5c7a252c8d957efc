package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine;

/// What an example printed.
record ExampleRun(int exitCode, List<String> lines, String errors) {
  private static final Pattern PAIR = Pattern.compile("(\\w+)=(\\S+)");

  /// Runs an example as a user does.
  static ExampleRun of(Function<PrintWriter, Callable<Integer>> example, String... args) {
    var out = new StringWriter();
    var errors = new StringWriter();
    var command = new CommandLine(example.apply(new PrintWriter(out)));
    command.setErr(new PrintWriter(errors, true));
    int exitCode = command.execute(args);
    return new ExampleRun(exitCode, out.toString().lines().toList(), errors.toString());
  }

  /// The lines without those that tell how long it took.
  List<String> timeless() {
    return lines.stream().filter(line -> !line.startsWith("Trained in ")).toList();
  }

  /// Compares the lines with those of the same program in Python, but for empty ones and those that
  /// match.
  void assertPrintedInPython(String fixture, String but) throws IOException {
    assertThat(lines)
        .filteredOn(line -> !line.isEmpty() && !line.matches(but))
        .isEqualTo(python(fixture).stream().filter(line -> !line.isEmpty()).toList());
  }

  /// A figure of the last line.
  double figure(String name) {
    return PAIR.matcher(lines.getLast())
        .results()
        .filter(pair -> pair.group(1).equals(name))
        .mapToDouble(pair -> Double.parseDouble(pair.group(2)))
        .findFirst()
        .orElseThrow();
  }

  /// A folder of `src/test/resources/examples`.
  static Path data(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(ExampleRun.class.getResource("/examples/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// What the same program printed in Python. The test is skipped where numbers are computed
  /// otherwise than there.
  static List<String> python(String fixture) throws IOException {
    // The last bits differ on another instruction set, and a digit may then show it.
    assumeTrue(Boolean.getBoolean("pantorch.parity.pinned"));
    assumeTrue(List.of("amd64", "x86_64").contains(System.getProperty("os.arch")));
    try (InputStream in = ExampleRun.class.getResourceAsStream("/fixtures/" + fixture)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }
}
