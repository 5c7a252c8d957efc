package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Example;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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

  /// The lowest validation loss so far, and what the model answered then.
  private record Best(int epoch, double loss, Tensor answers) {}

  /// The losses of all epochs, and the best epoch.
  private record History(List<Double> training, List<Double> validation, Best best) {}

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
      History history = train(model, data, checkpoint);
      CurvePlot.losses("Weather", history.training, history.validation, history.best.epoch)
          .save(curve);
      out.printf("Loss curve: %s%n", curve);

      WeatherModel loaded = newModel();
      loaded.loadStateDict(Safetensors.load(checkpoint));
      report(loaded, data, history.best, checkpoint);
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
  private History train(WeatherModel model, WeatherSeries data, Path checkpoint)
      throws IOException {
    var criterion = new MSELoss();
    var optimizer = new Adam(model.parameters(), 2e-3);
    var scheduler = new StepLR(optimizer, 20, 0.5);
    DataLoader<Example> pieces = pieces(data);
    long days = data.trainingDays().size();
    Tensor everyDay = data.everyDay().unsqueeze(1);
    WeatherSeries.Part part = data.validation();
    List<Double> training = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    @Nullable Best best = null;
    Instant start = Instant.now();
    try (var progress = new Progress("weather", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        LSTM.@Nullable State state = null; // at the first day there is nothing to remember
        try (var batches = pieces.iterator()) {
          while (batches.hasNext()) {
            try (var scope = TensorScope.open()) {
              Example piece = batches.next();
              optimizer.zeroGrad();
              WeatherModel.Output output = model.forward(piece.input(), state);
              Tensor loss = criterion.forward(output.forecasts(), piece.target());
              loss.backward();
              clipGradNorm_(model.parameters(), 1.0);
              optimizer.step();
              total += loss.item() * piece.input().size(0);
              state = carried(state, output.state());
            }
          }
        }
        close(state);
        scheduler.step();

        Tensor answers = answer(model, everyDay);
        double loss =
            criterion
                .forward(answers.narrow(0, part.first(), part.size()), data.validationTarget())
                .item();
        if (best == null || loss < best.loss) {
          best = new Best(epoch, loss, answers);
          Safetensors.save(checkpoint, model.stateDict());
        }
        training.add(total / days);
        validation.add(loss);
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Loss: %.4f, Validation loss: %.4f, MAE of temperatures: %.3f °C",
                epoch,
                epochs,
                training.getLast(),
                loss,
                WeatherReport.temperatures(data.forecasts(answers, part), data.truth(part)).mae()));
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

  /// The state that the next piece begins with. Gradients end here, and it outlives the scope of
  /// its piece; the one before is no longer needed.
  private static LSTM.State carried(LSTM.@Nullable State before, LSTM.State after) {
    close(before);
    LSTM.State state = after.detach();
    state.h().keep();
    state.c().keep();
    return state;
  }

  private static void close(LSTM.@Nullable State state) {
    if (state != null) {
      state.h().close();
      state.c().close();
    }
  }

  /// The answers of all days, read in one go from the first day on.
  private static Tensor answer(WeatherModel model, Tensor everyDay) {
    model.eval();
    return Torch.noGrad(() -> TensorScope.scope(() -> model.forward(everyDay, null).forecasts()));
  }

  private void report(WeatherModel model, WeatherSeries data, Best best, Path checkpoint)
      throws IOException {
    Tensor answers = answer(model, data.everyDay().unsqueeze(1));
    if (!Torch.equal(answers, best.answers)) {
      throw new IllegalStateException(
          "the model loaded from %s answers otherwise than the one saved".formatted(checkpoint));
    }
    out.printf(
        "Checkpoint: %s, weights of epoch %d; a fresh model that loads it gives the same %d"
            + " forecasts, bit for bit.%n",
        checkpoint, best.epoch, answers.size(0));
    var report = new WeatherReport(data, part -> data.forecasts(answers, part));
    Path forecasts = output.resolve("forecast.png");
    Path errors = output.resolve("errors.png");
    report.drawForecasts(forecasts);
    report.drawErrors(errors);
    out.printf("Forecasts: %s, errors: %s%n%n", forecasts, errors);
    report.print(out);
  }
}
