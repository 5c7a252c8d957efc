package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ServeTest {
  @TempDir private Path folder;

  @Test
  void should_serve_and_print_the_curve() {
    ExampleRun run =
        ExampleRun.of(
            Serve::new,
            "--epochs",
            "1",
            "--clients",
            "4",
            "--millis",
            "60",
            "--output",
            folder.toString());
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines())
        .filteredOn(line -> line.startsWith("batches of up to "))
        .hasSize(7)
        .first()
        .asString()
        // A batch of one is what forward alone computes.
        .matches("batches of up to 1, delay 0\\.0 ms .* 1\\.0 +100\\.00%");
    assertThat(run.lines())
        .anyMatch(line -> line.matches("forward in each thread .* 1\\.0 +100\\.00%"));
    assertThat(run.lines().getLast())
        .matches(
            "serve clients=4 forward_per_second=\\d+ batcher_per_second=\\d+ speedup=[\\d.]+"
                + " max_batch=\\d+ delay_ms=[\\d.]+ p50_ms=[\\d.]+ p99_ms=[\\d.]+ equal=[\\d.]+"
                + " max_difference=\\S+");
    // Other batch sizes sum in another order: the last bits of a float32 logit near 1.
    assertThat(run.figure("max_difference")).isLessThan(1e-5);
    assertThat(folder.resolve("model.safetensors")).exists();
  }

  @Test
  void should_refuse_to_serve_nobody() {
    ExampleRun run = ExampleRun.of(Serve::new, "--clients", "0", "--output", folder.toString());
    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.errors()).startsWith("--clients and --millis must be 1 or more");
  }
}
