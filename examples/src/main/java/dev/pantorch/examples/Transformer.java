package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.AdamW;
import dev.pantorch.optim.lr.StepLR;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Will it rain tomorrow in Seattle? A Transformer encoder with positional encoding.
///
/// The data, the parts and the rules by which weights and threshold are chosen are those of {@link
/// Rain}; the page `docs/examples/transformer.md` tells what is different.
@Command(
    name = "examples/run transformer",
    description = "Will it rain tomorrow in Seattle? Trains a Transformer encoder on real weather.")
public final class Transformer implements Callable<Integer> {
  private static final int BATCH_SIZE = 32;

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

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Transformer(PrintWriter out) {
    this.out = out;
  }

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Passes over the training part (default: ${DEFAULT-VALUE}).")
  void setEpochs(int epochs) {
    if (epochs < 1) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), "--epochs must be 1 or more, not " + epochs);
    }
    this.epochs = epochs;
  }

  /// Trains and tests.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new Transformer(out)).execute(args));
  }

  @Override
  public Integer call() {
    try (var scope = TensorScope.open()) {
      Torch.setNumThreads(1);
      Torch.manualSeed(seed);
      WeatherData data = WeatherData.load();
      RainTransformer model = new RainTransformer(WeatherData.FEATURES, 32, 4, 2);
      train(model, data);
      double threshold =
          Rain.threshold(
              answer(model, data.validation()).sigmoid(), data.validation().rainTomorrow());
      out.printf(Locale.ROOT, "threshold %.2f%n", threshold);
      WeatherData.Part test = data.test();
      Scores scores = Scores.of(answer(model, test).sigmoid().ge(threshold), test.rainTomorrow());
      Scores persistence = Scores.of(test.rainToday(), test.rainTomorrow());
      out.printf(
          Locale.ROOT,
          "transformer accuracy=%.3f f1=%.3f baseline_accuracy=%.3f baseline_f1=%.3f%n",
          scores.accuracy(),
          scores.f1(),
          persistence.accuracy(),
          persistence.f1());
    }
    return CommandLine.ExitCode.OK;
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss.
  private void train(RainTransformer model, WeatherData data) {
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new AdamW(model.parameters(), o -> o.lr(1e-3).weightDecay(0.1));
    var scheduler = new StepLR(optimizer, 5, 0.5);
    Tensor x = data.train().x();
    Tensor y = data.train().y();
    double bestLoss = Double.POSITIVE_INFINITY;
    Map<String, Tensor> best = new LinkedHashMap<>();
    try (var progress = new Progress("transformer", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        try (var scope = TensorScope.open()) {
          for (Tensor batch : Torch.randperm(x.size(0)).split(BATCH_SIZE)) {
            optimizer.zeroGrad();
            Tensor logits = model.forward(x.indexSelect(0, batch));
            Tensor loss = criterion.forward(logits, y.indexSelect(0, batch));
            loss.backward();
            clipGradNorm_(model.parameters(), 1.0);
            optimizer.step();
            total += loss.item() * batch.numel();
          }
        }
        scheduler.step();

        Tensor logits = answer(model, data.validation());
        double loss = criterion.forward(logits, data.validation().y()).item();
        if (loss < bestLoss) {
          bestLoss = loss;
          model.stateDict().forEach((name, value) -> best.put(name, Torch.clone(value)));
        }
        Scores scores = Scores.of(logits.gt(0), data.validation().rainTomorrow());
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Loss: %.4f, Validation loss: %.4f, accuracy: %.3f, F1: %.3f",
                epoch,
                epochs,
                total / x.size(0),
                loss,
                scores.accuracy(),
                scores.f1()));
      }
    }
    model.loadStateDict(best);
  }

  /// The logits of all sequences of a part.
  private static Tensor answer(RainTransformer model, WeatherData.Part part) {
    model.eval();
    return Torch.noGrad(() -> model.forward(part.x()));
  }
}
