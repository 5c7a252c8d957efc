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

/// How much carbon dioxide is in the air next year? An LSTM reads three years of Mauna Loa.
///
/// Trained on the record up to 1999; 2000 to 2009 decide which epoch's weights are kept; the years
/// from 2010 on are looked at once, beside simple forecasts. The page `docs/examples/co2.md` tells
/// what makes an LSTM forecast a series that rises.
@Command(
    name = "examples/run co2",
    description = "How much carbon dioxide is in the air next year? Trains an LSTM on Mauna Loa.")
public final class Co2 implements Callable<Integer> {
  private static final int HISTORY = 3 * Co2Model.YEAR;

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
      Co2Windows data = new Co2Windows(Co2Data.load(), target, HISTORY);
      out.printf(
          "Carbon dioxide of %d months, three years in, one year out: %d windows to train, %d to"
              + " validate, %d to test.%n",
          data.data().months().size(),
          data.train().size(),
          data.validation().size(),
          data.test().size());
      var training = new Co2Training("co2", data, epochs, 2e-3, out);
      Co2Training.Result<Co2Model> result = training.run(() -> new Co2Model(target), checkpoint);
      result.losses("CO2").save(curve);
      out.printf("Loss curve: %s%n", curve);
      var report = new Co2Report(data, part -> result.forecasts(data, part));
      report.draw(picture);
      out.printf("Forecasts: %s%n%n", picture);
      report.print(out);
    }
    return CommandLine.ExitCode.OK;
  }
}
