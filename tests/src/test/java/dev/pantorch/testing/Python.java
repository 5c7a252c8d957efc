package dev.pantorch.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The Python that is named by `-Dpython=PATH`, for tests that need one.
public final class Python {
  private Python() {}

  /// Runs a script of tests/python and returns what it printed.
  public static String run(String script, Path... arguments)
      throws IOException, InterruptedException {
    Path scripts = Path.of("python").toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("pantorch.python"));
    command.add(scripts.resolve(script).toString());
    for (Path argument : arguments) command.add(argument.toString());
    ProcessBuilder builder = new ProcessBuilder(command).directory(scripts.toFile());
    return ProcessResult.of(builder, Duration.ofMinutes(30)).expectSuccess();
  }
}
