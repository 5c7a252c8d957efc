package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Runs the whole example, as a user does.
class TransformerExampleTest {
  @TempDir Path folder;

  private ExampleRun run(String... args) {
    String[] all =
        Stream.concat(Stream.of("--output", folder.toString()), Stream.of(args))
            .toArray(String[]::new);
    return ExampleRun.of(Transformer::new, all);
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    // The last bits differ on another instruction set, and a digit may then show it.
    assumeTrue(Boolean.getBoolean("pantorch.parity.pinned"));
    assumeTrue(List.of("amd64", "x86_64").contains(System.getProperty("os.arch")));
    ExampleRun run = run();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines()).isEqualTo(ExampleRun.python("transformer.txt"));
    assertThat(folder.resolve("model.safetensors")).isNotEmptyFile();
  }

  @Test
  void should_refuse_to_train_for_no_epoch() {
    ExampleRun run = run("--epochs", "0");
    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.errors()).startsWith("--epochs must be 1 or more, not 0");
  }
}
