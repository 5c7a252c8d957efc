package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Example;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.L1Loss;
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

/// How much carbon dioxide is in the air next year? An LSTM reads three years of Mauna Loa.
///
/// Trained on the record up to 1999; 2000 to 2009 decide which epoch's weights are kept; the years
/// from 2010 on are looked at once, beside simple forecasts. The page `docs/examples/co2.md` tells
/// what makes an LSTM forecast a series that rises.
@Command(
    name = "examples/run co2",
    description = "How much carbon dioxide is in the air next year? Trains an LSTM on Mauna Loa.")
public final class Co2 implements Callable<Integer> {
  private static final int BATCH_SIZE = 32;

  private final PrintWriter out;
  private int epochs;
  private Co2Model.Target target = Co2Model.Target.SEASON;

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
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "target/co2",
      description = "Folder for the checkpoint and the plots (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("");

  /// The lowest validation loss so far, and what the model answered then.
  private record Best(int epoch, double loss, Tensor answers) {}

  /// The losses of all epochs, and the best epoch.
  private record History(List<Double> training, List<Double> validation, Best best) {}

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Co2(PrintWriter out) {
    this.out = out;
  }

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "60",
      description = "Passes over the training part (default: ${DEFAULT-VALUE}).")
  void setEpochs(int epochs) {
    if (epochs < 1) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), "--epochs must be 1 or more, not " + epochs);
    }
    this.epochs = epochs;
  }

  @Option(
      names = "--target",
      paramLabel = "NAME",
      defaultValue = "season",
      description =
          "What the LSTM forecasts: level, growth, centred or season (default: ${DEFAULT-VALUE}).")
  void setTarget(String name) {
    try {
      target = Co2Model.Target.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "--target must be level, growth, centred or season, not " + name,
          e);
    }
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new Co2(out)).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path checkpoint = Files.createDirectories(output).resolve("model.safetensors");
    Path curve = output.resolve("loss.png");
    Path picture = output.resolve("forecast.png");
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      Torch.manualSeed(seed);
      Co2Windows data = new Co2Windows(Co2Data.load(), target);
      out.printf(
          "Carbon dioxide of %d months, three years in, one year out: %d windows to train, %d to"
              + " validate, %d to test.%n",
          data.data().months().size(),
          data.train().size(),
          data.validation().size(),
          data.test().size());
      Co2Model model = new Co2Model(target);
      History history = train(model, data, checkpoint);
      CurvePlot.losses("CO2", history.training, history.validation, history.best.epoch).save(curve);
      out.printf("Loss curve: %s%n", curve);

      Co2Model loaded = new Co2Model(target);
      loaded.loadStateDict(Safetensors.load(checkpoint));
      report(loaded, data, history.best, checkpoint, picture);
    }
    return CommandLine.ExitCode.OK;
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  private History train(Co2Model model, Co2Windows data, Path checkpoint) throws IOException {
    var criterion = new L1Loss();
    var optimizer = new Adam(model.parameters(), 2e-3);
    var scheduler = new StepLR(optimizer, 20, 0.5);
    var loader =
        new DataLoader<>(data.train().windows(), o -> o.batchSize(BATCH_SIZE).shuffle(true));
    Example asked = data.validation().all();
    List<Double> training = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    @Nullable Best best = null;
    Instant start = Instant.now();
    try (var progress = new Progress("co2", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        try (var batches = loader.iterator()) {
          while (batches.hasNext()) {
            try (var scope = TensorScope.open()) {
              Example batch = batches.next();
              optimizer.zeroGrad();
              Tensor loss = criterion.forward(model.forward(batch.input()), batch.target());
              loss.backward();
              clipGradNorm_(model.parameters(), 1.0);
              optimizer.step();
              total += loss.item() * batch.input().size(0);
            }
          }
        }
        scheduler.step();

        Tensor answers = answer(model, asked);
        double loss = criterion.forward(answers, asked.target()).item();
        if (best == null || loss < best.loss) {
          best = new Best(epoch, loss, answers);
          Safetensors.save(checkpoint, model.stateDict());
        }
        training.add(total / data.train().size());
        validation.add(loss);
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Loss: %.4f, Validation loss: %.4f, MAE: %.3f ppm",
                epoch,
                epochs,
                training.getLast(),
                loss,
                ForecastScores.of(data.ppm(answers, data.validation()), data.validation().truth())
                    .mae()));
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

  private static Tensor answer(Co2Model model, Example asked) {
    model.eval();
    return Torch.noGrad(() -> TensorScope.scope(() -> model.forward(asked.input())));
  }

  private void report(Co2Model model, Co2Windows data, Best best, Path checkpoint, Path picture)
      throws IOException {
    Co2Windows.Part validation = data.validation();
    Tensor answers = answer(model, validation.all());
    if (!Torch.equal(answers, best.answers)) {
      throw new IllegalStateException(
          "the model loaded from %s answers otherwise than the one saved".formatted(checkpoint));
    }
    out.printf(
        "Checkpoint: %s, weights of epoch %d; a fresh model that loads it gives the same %d"
            + " forecasts, bit for bit.%n",
        checkpoint, best.epoch, answers.size(0));

    var report = new Co2Report(data, part -> data.ppm(answer(model, part.all()), part));
    report.draw(picture);
    out.printf("Forecasts: %s%n%n", picture);
    report.print(out);
  }
}
