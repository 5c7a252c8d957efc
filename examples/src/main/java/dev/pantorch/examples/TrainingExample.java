package dev.pantorch.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What the examples that train have in common on the command line.
abstract class TrainingExample implements Callable<Integer> {
  /// Where lines and, if it is a terminal, the progress bar go.
  final PrintWriter out;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Prints this and exits.")
  @SuppressWarnings("unused") // picocli looks at it
  private boolean help;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of all that is drawn (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training part (default: ${DEFAULT-VALUE}).")
  int epochs;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder for checkpoints and plots (default: ${DEFAULT-VALUE}).")
  Path output;

  /// An example with its own defaults.
  ///
  /// @param out where lines go
  /// @param name of the example and of its folder under `target`
  /// @param epochs the default
  TrainingExample(PrintWriter out, String name, int epochs) {
    this.out = out;
    this.epochs = epochs;
    this.output = Path.of("target", name);
  }

  /// Runs an example as a process of its own.
  static void run(Function<PrintWriter, TrainingExample> example, String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(example.apply(out)).execute(args));
  }

  @Override
  public final Integer call() throws IOException {
    if (epochs < 1) {
      throw new ParameterException(commandLine(), "--epochs must be 1 or more, not " + epochs);
    }
    Files.createDirectories(output);
    return train();
  }

  /// Trains, tests, draws and saves.
  ///
  /// @return the exit status
  abstract int train() throws IOException;

  final CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }
}
