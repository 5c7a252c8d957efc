package dev.pantorch.examples;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// How much carbon dioxide is in the air next year? An LSTM reads three years of Mauna Loa.
///
/// Trained on the record up to 1999; 2000 to 2009 decide which epoch's weights are kept; the years
/// from 2010 on are looked at once, beside simple forecasts. The page `docs/examples/co2.md` tells
/// what makes an LSTM forecast a series that rises.
@Command(
    name = "examples/run co2",
    description = "How much carbon dioxide is in the air next year? Trains an LSTM on Mauna Loa.")
public final class Co2 extends TrainingExample {
  private static final int HISTORY = 3 * Co2Model.YEAR;

  private Co2Model.Target target = Co2Model.Target.SEASON;

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Co2(PrintWriter out) {
    super(out, "co2", 60);
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
          commandLine(), "--target must be level, growth, centred or season, not " + name, e);
    }
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Co2::new, args);
  }

  @Override
  int train() throws IOException {
    Path checkpoint = output.resolve("model.safetensors");
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
