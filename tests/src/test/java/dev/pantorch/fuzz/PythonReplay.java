package dev.pantorch.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import org.jspecify.annotations.Nullable;

/// `tests/python/replay_fuzz.py`, started with the first call that it is given.
final class PythonReplay implements AutoCloseable {
  private final ProcessBuilder builder;
  private @Nullable Started started;

  private record Started(Process process, Writer calls, BufferedReader answers) {}

  PythonReplay(ProcessBuilder builder) {
    this.builder = builder.redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /// What came of a call in a process of its own: a signal, `hung`, or what it answered.
  String answer(CallRecipe call) throws IOException {
    Started python = started;
    if (python == null) {
      Process process = builder.start();
      python = new Started(process, process.outputWriter(UTF_8), process.inputReader(UTF_8));
      started = python;
    }
    python.calls.write(call.json() + "\n");
    python.calls.flush();
    String answer = python.answers.readLine();
    if (answer == null) throw new IOException("Python ended instead of its call " + call.json());
    return answer;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (started == null) return;
    started.calls.close();
    started.process.waitFor();
  }
}
