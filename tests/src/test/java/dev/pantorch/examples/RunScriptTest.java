package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `examples/run`, as far as it goes without building.
class RunScriptTest {
  private static final Path SCRIPT = Path.of("../examples/run");

  @Test
  void should_list_every_example_without_a_name() throws IOException, InterruptedException {
    ProcessResult run = run();

    assertThat(run.code()).isZero();
    assertThat(run.output().lines())
        .startsWith("usage: examples/run NAME [arguments]", "")
        .anyMatch(line -> line.matches(" {2}doctor +\\S.*"))
        .anyMatch(line -> line.matches(" {2}rain +\\S.*"))
        .anyMatch(line -> line.matches(" {2}spam +\\S.*"))
        .anyMatch(line -> line.matches(" {2}tagging +\\S.*"));
  }

  @Test
  void should_refuse_an_unknown_name_and_list_the_examples()
      throws IOException, InterruptedException {
    ProcessResult run = run("snow");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).isEqualTo("There is no example named snow.\n\n" + run().output());
  }

  private static ProcessResult run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    return ProcessResult.of(new ProcessBuilder(command), Duration.ofMinutes(5));
  }
}
