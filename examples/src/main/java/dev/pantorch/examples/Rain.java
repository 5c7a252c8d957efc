package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.Example;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Will it rain tomorrow in Seattle? The tutorial's LSTM on four years of real weather.
///
/// Trained on 2012 and 2013; 2014 decides which epoch's weights are kept and from which probability
/// on the answer is yes; 2015 is looked at once, at the end, beside two baselines. The page
/// `docs/examples/rain.md` tells where each choice comes from.
@Command(
    name = "examples/run rain",
    description = "Will it rain tomorrow in Seattle? Trains an LSTM on real weather.")
public final class Rain extends TrainingExample {
  private static final int BATCH_SIZE = 32;

  /// The lowest validation loss so far, and what the model answered then.
  record Best(int epoch, double loss, Tensor logits) {}

  /// The losses of all epochs, and the best epoch.
  record History(List<Double> training, List<Double> validation, Best best) {}

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Rain(PrintWriter out) {
    super(out, "rain", 30);
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Rain::new, args);
  }

  @Override
  int train() throws IOException {
    Path checkpoint = output.resolve("model.safetensors");
    Path plot = output.resolve("loss.png");
    try (var scope = TensorScope.open()) {
      // More threads do not help so small a model, and with one the bits do not depend on how many
      // cores the machine has.
      Torch.setNumThreads(1);
      Torch.manualSeed(seed);
      WeatherData data = WeatherData.load();
      out.printf(
          "Ten days of weather, rain on the next? %d sequences to train, %d to validate, %d to"
              + " test.%n",
          data.train().size(), data.validation().size(), data.test().size());
      LSTMModel model = newModel();
      History history = train(model, data, checkpoint);
      CurvePlot.losses("Rain in Seattle", history.training, history.validation, history.best.epoch)
          .save(plot);
      out.printf("Loss curve: %s%n", plot);

      LSTMModel loaded = newModel();
      loaded.loadStateDict(Safetensors.load(checkpoint));
      report(loaded, data, history.best, checkpoint);
    }
    return CommandLine.ExitCode.OK;
  }

  static LSTMModel newModel() {
    return new LSTMModel(WeatherData.FEATURES, 64, 2, 1);
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  History train(LSTMModel model, WeatherData data, Path checkpoint) throws IOException {
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new Adam(model.parameters(), o -> o.lr(1e-3).weightDecay(1e-3));
    var scheduler = new StepLR(optimizer, 10, 0.5);
    List<Double> training = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    @Nullable Best best = null;
    try (var progress = new Progress("rain", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        try (var scope = TensorScope.open()) {
          for (Example batch : data.train().batches(BATCH_SIZE)) {
            optimizer.zeroGrad();
            Tensor logits = model.forward(batch.input()).squeeze(1);
            Tensor loss = criterion.forward(logits, batch.target());
            loss.backward();
            clipGradNorm_(model.parameters(), 1.0);
            optimizer.step();
            total += loss.item() * batch.target().numel();
          }
        }
        scheduler.step();

        Tensor logits = answer(model, data.validation());
        double loss = criterion.forward(logits, data.validation().y()).item();
        if (best == null || loss < best.loss) {
          best = new Best(epoch, loss, logits);
          Safetensors.save(checkpoint, model.stateDict());
        }
        training.add(total / data.train().size());
        validation.add(loss);
        Scores scores = Scores.of(logits.gt(0), data.validation().rainTomorrow());
        progress.step(
            EpochLines.line(
                epoch,
                epochs,
                training.getLast(),
                loss,
                String.format(
                    Locale.ROOT, "accuracy: %.3f, F1: %.3f", scores.accuracy(), scores.f1())));
      }
    }
    return new History(
        training, validation, Objects.requireNonNull(best, "there is at least one epoch"));
  }

  /// The logits of all sequences of a part.
  static Tensor answer(LSTMModel model, WeatherData.Part part) {
    model.eval();
    return Torch.noGrad(() -> model.forward(part.x()).squeeze(1));
  }

  /// The probability from which "yes" is right most often on the validation part, accuracy and F1
  /// counting alike.
  static double threshold(Tensor probabilities, Tensor rain) {
    double best = 0;
    double bestScore = -1;
    for (int percent = 20; percent <= 80; percent++) {
      Scores scores = Scores.of(probabilities.ge(percent / 100.0), rain);
      if (scores.accuracy() + scores.f1() > bestScore) {
        bestScore = scores.accuracy() + scores.f1();
        best = percent / 100.0;
      }
    }
    return best;
  }

  private void report(LSTMModel model, WeatherData data, Best best, Path checkpoint) {
    WeatherData.Part validation = data.validation();
    WeatherData.Part test = data.test();
    Tensor logits = answer(model, validation);
    BestEpoch.compare(checkpoint, best.epoch, logits, best.logits, "answers", out);

    double threshold = threshold(logits.sigmoid(), validation.rainTomorrow());
    Scores lstm = scores(model, test, threshold);
    Scores persistence = persistence(test);
    Scores majority = majority(test);
    out.printf("%n%-40s %18s %18s%n", "", "2014, validation", "2015, test");
    out.printf("%-40s %10s %7s %10s %7s%n", "", "accuracy", "F1", "accuracy", "F1");
    row(
        String.format(Locale.ROOT, "LSTM, yes from a probability of %.2f", threshold),
        scores(model, validation, threshold),
        lstm);
    row("persistence, tomorrow as today", persistence(validation), persistence);
    row("majority, never rain", majority(validation), majority);
    out.printf(
        Locale.ROOT,
        "%nrain accuracy=%.3f f1=%.3f baseline_accuracy=%.3f baseline_f1=%.3f"
            + " majority_accuracy=%.3f majority_f1=%.3f%n",
        lstm.accuracy(),
        lstm.f1(),
        persistence.accuracy(),
        persistence.f1(),
        majority.accuracy(),
        majority.f1());
  }

  static Scores scores(LSTMModel model, WeatherData.Part part, double threshold) {
    return Scores.of(answer(model, part).sigmoid().ge(threshold), part.rainTomorrow());
  }

  private static Scores persistence(WeatherData.Part part) {
    return Scores.of(part.rainToday(), part.rainTomorrow());
  }

  private static Scores majority(WeatherData.Part part) {
    return Scores.of(Torch.zerosLike(part.rainToday()), part.rainTomorrow());
  }

  private void row(String name, Scores validation, Scores test) {
    out.printf(
        Locale.ROOT,
        "%-40s %10.3f %7.3f %10.3f %7.3f%n",
        name,
        validation.accuracy(),
        validation.f1(),
        test.accuracy(),
        test.f1());
  }
}
