package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Example;
import dev.pantorch.io.Safetensors;
import dev.pantorch.metrics.MeanAbsoluteError;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.StatefulLoss;
import dev.pantorch.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// How warm are the next seven days in Seattle? An LSTM reads the weather day by day and remembers.
///
/// Trained on 2012 and 2013 in pieces, the state carried from one to the next; 2014 decides which
/// epoch's weights are kept; 2015 is looked at once, beside simple forecasts. The page
/// `docs/examples/weather.md` tells where each choice comes from.
@Command(
    name = "examples/run weather",
    description = "How warm are the next seven days in Seattle? Trains an LSTM on real weather.")
public final class Weather extends TrainingExample {
  private static final int PIECE = 32;

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Weather(PrintWriter out) {
    super(out, "weather", 30);
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Weather::new, args);
  }

  @Override
  int train() throws IOException {
    Path checkpoint = output.resolve("model.safetensors");
    Path curve = output.resolve("loss.png");
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      Torch.manualSeed(seed);
      var data = new WeatherSeries();
      out.printf(
          "Weather of %d days, the next %d to forecast: %d pieces of %d days to train, %d forecasts"
              + " to validate, %d to test.%n",
          data.dates().size(),
          WeatherSeries.DAYS_AHEAD,
          pieces(data).size(),
          PIECE,
          data.validation().size(),
          data.test().size());
      WeatherModel model = newModel();
      BestEpoch best = train(model, data, checkpoint);
      best.losses("Weather").save(curve);
      out.printf("Loss curve: %s%n", curve);

      WeatherModel loaded = newModel();
      loaded.loadStateDict(Safetensors.load(checkpoint));
      Tensor everyDay = data.everyDay().unsqueeze(1);
      Tensor answers = answer(loaded, everyDay);
      best.compare(answers, answer(model, everyDay), "forecasts", out);
      report(data, answers);
    }
    return CommandLine.ExitCode.OK;
  }

  private static WeatherModel newModel() {
    return new WeatherModel(WeatherSeries.FEATURES, WeatherSeries.DAYS_AHEAD);
  }

  /// The training part cut into pieces, in the order of time.
  private static DataLoader<Example> pieces(WeatherSeries data) {
    return new DataLoader<>(data.trainingDays(), o -> o.batchSize(PIECE));
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  private BestEpoch train(WeatherModel model, WeatherSeries data, Path checkpoint)
      throws IOException {
    var criterion = new MSELoss();
    var optimizer = new Adam(model.parameters(), 2e-3);
    WeatherSeries.Part part = data.validation();
    var trainer =
        Trainer.stateful(
            model,
            optimizer,
            pieces(data),
            LSTM.State.class,
            (m, piece, state) -> {
              WeatherModel.Output output = m.forward(piece.input(), state);
              Tensor answers = output.forecasts();
              if (m.isTraining()) {
                Tensor loss = criterion.forward(answers, piece.target());
                return new StatefulLoss.Result<>(loss, output.state());
              }
              // All days are read; those of the validation part are looked at.
              Tensor asked = answers.narrow(0, part.first(), part.size());
              return new StatefulLoss.Result<>(
                  criterion.forward(asked, piece.target()),
                  output.state(),
                  WeatherReport.temperatures(data.forecasts(answers, part)),
                  WeatherReport.temperatures(data.truth(part)));
            },
            o ->
                o.epochs(epochs)
                    .clipGradNorm(1.0)
                    .scheduler(new StepLR(optimizer, 20, 0.5))
                    .validation(
                        List.of(new Example(data.everyDay().unsqueeze(1), data.validationTarget())))
                    .metrics(Map.of("mae", new MeanAbsoluteError()))
                    .earlyStopping("val_loss", e -> e.patience(epochs).restoreBest(true))
                    .callback(
                        new EpochLines(
                            "weather", epochs, out, "MAE of temperatures: %.3f °C", "val_mae")));
    return BestEpoch.fit(trainer, checkpoint, out);
  }

  /// The answers of all days, read in one go from the first day on.
  private static Tensor answer(WeatherModel model, Tensor everyDay) {
    model.eval();
    return Torch.noGrad(() -> TensorScope.scope(() -> model.forward(everyDay, null).forecasts()));
  }

  private void report(WeatherSeries data, Tensor answers) throws IOException {
    var report = new WeatherReport(data, part -> data.forecasts(answers, part));
    Path forecasts = output.resolve("forecast.png");
    Path errors = output.resolve("errors.png");
    report.drawForecasts(forecasts);
    report.drawErrors(errors);
    out.printf("Forecasts: %s, errors: %s%n%n", forecasts, errors);
    report.print(out);
  }
}
