package dev.pantorch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Path output = Files.createTempFile("python", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(new File(scripts.toString()))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      int code = process.waitFor();
      String text = Files.readString(output);
      assertThat(code).as(text).isZero();
      return text;
    } finally {
      Files.delete(output);
    }
  }
}
