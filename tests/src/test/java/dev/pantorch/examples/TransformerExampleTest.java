package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// Runs the whole example, as a user does.
class TransformerExampleTest {
  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    // The last bits differ on another instruction set, and a digit may then show it.
    assumeTrue(Boolean.getBoolean("pantorch.parity.pinned"));
    assumeTrue(List.of("amd64", "x86_64").contains(System.getProperty("os.arch")));
    var out = new StringWriter();
    int exitCode = new CommandLine(new Transformer(new PrintWriter(out))).execute();
    assertThat(exitCode).isZero();
    try (InputStream in =
        TransformerExampleTest.class.getResourceAsStream("/fixtures/transformer.txt")) {
      String python = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(out.toString().lines()).containsExactlyElementsOf(python.lines().toList());
    }
  }

  @Test
  void should_refuse_to_train_for_no_epoch() {
    var errors = new StringWriter();
    var command = new CommandLine(new Transformer(new PrintWriter(new StringWriter())));
    command.setErr(new PrintWriter(errors));
    assertThat(command.execute("--epochs", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(errors.toString()).startsWith("--epochs must be 1 or more, not 0");
  }
}
