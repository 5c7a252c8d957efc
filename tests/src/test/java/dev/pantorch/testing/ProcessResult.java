package dev.pantorch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// How a process ended.
///
/// @param code its exit code
/// @param output what it printed, errors among it
public record ProcessResult(int code, String output) {
  /// Runs a process to its end, and ends it if it does not come to it in time.
  public static ProcessResult of(ProcessBuilder builder, Duration limit)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("process", ".txt");
    try {
      Process process = builder.redirectErrorStream(true).redirectOutput(file.toFile()).start();
      boolean ended;
      try {
        ended = process.waitFor(limit);
      } finally {
        process.destroyForcibly().waitFor();
      }
      String output = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      assertThat(ended).as("ended within %s:%n%s", limit, output).isTrue();
      return new ProcessResult(process.exitValue(), output);
    } finally {
      Files.delete(file);
    }
  }

  /// What it printed; its exit code must be 0.
  public String expectSuccess() {
    assertThat(code).as(output).isZero();
    return output;
  }
}
