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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How models learn to forecast carbon dioxide.
///
/// @param task the name beside the progress bar
/// @param data what is learned from
/// @param epochs passes over the training part
/// @param lr the first learning rate
/// @param out where the lines go
record Co2Training(String task, Co2Windows data, int epochs, double lr, PrintWriter out) {
  private static final int BATCH_SIZE = 32;

  /// The lowest validation loss so far, and what the model answered then.
  record Best(int epoch, double loss, Tensor answers) {}

  /// The losses of all epochs, and the best epoch.
  record History(List<Double> training, List<Double> validation, Best best) {}

  /// What training came to.
  ///
  /// @param history the losses, and which epoch's weights are kept
  /// @param model with these weights
  record Result<M extends Co2Forecaster>(History history, M model) {
    CurvePlot losses(String title) {
      return CurvePlot.losses(title, history.training, history.validation, history.best.epoch);
    }

    /// The model's forecasts of a part in parts per million (forecast, 12).
    Tensor forecasts(Co2Windows data, Co2Windows.Part part) {
      return data.ppm(answer(model, part.all()), part);
    }
  }

  /// Trains a model, and hands out a fresh one that loads its checkpoint.
  <M extends Co2Forecaster> Result<M> run(Supplier<M> newModel, Path checkpoint)
      throws IOException {
    History history = train(newModel.get(), checkpoint);
    M loaded = newModel.get();
    loaded.loadStateDict(Safetensors.load(checkpoint));
    Tensor answers = answer(loaded, data.validation().all());
    if (!Torch.equal(answers, history.best.answers)) {
      throw new IllegalStateException(
          "the model loaded from %s answers otherwise than the one saved".formatted(checkpoint));
    }
    out.printf(
        "Checkpoint: %s, weights of epoch %d; a fresh model that loads it gives the same %d"
            + " forecasts, bit for bit.%n",
        checkpoint, history.best.epoch, answers.size(0));
    return new Result<>(history, loaded);
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  private History train(Co2Forecaster model, Path checkpoint) throws IOException {
    var criterion = new L1Loss();
    var optimizer = new Adam(model.parameters(), lr);
    var scheduler = new StepLR(optimizer, 20, 0.5);
    var loader =
        new DataLoader<>(data.train().windows(), o -> o.batchSize(BATCH_SIZE).shuffle(true));
    Example asked = data.validation().all();
    List<Double> training = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    @Nullable Best best = null;
    Instant start = Instant.now();
    try (var progress = new Progress(task, epochs, out)) {
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

  private static Tensor answer(Co2Forecaster model, Example asked) {
    model.eval();
    return Torch.noGrad(() -> TensorScope.scope(() -> model.forward(asked.input())));
  }
}
