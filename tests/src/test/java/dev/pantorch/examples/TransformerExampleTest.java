package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the whole example, as a user does.
class TransformerExampleTest {
  @TempDir Path folder;

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    List<String> python = ExampleRun.python("transformer.txt");
    ExampleRun run = ExampleRun.of(Transformer::new, "--output", folder.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines()).isEqualTo(python);
    assertThat(folder.resolve("model.safetensors")).isNotEmptyFile();
  }
}
