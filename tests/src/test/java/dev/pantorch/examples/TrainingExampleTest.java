package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// What all examples that train do on the command line.
class TrainingExampleTest {
  static Stream<Function<PrintWriter, Callable<Integer>>> examples() {
    return Stream.of(
        Attention::new,
        Chars::new,
        Co2::new,
        Rain::new,
        Spam::new,
        Tagging::new,
        Transformer::new,
        Weather::new);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void should_refuse_to_train_for_no_epoch(Function<PrintWriter, Callable<Integer>> example) {
    ExampleRun refused = ExampleRun.of(example, "--epochs", "0");
    assertThat(refused.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(refused.errors()).startsWith("--epochs must be 1 or more, not 0");
  }
}
