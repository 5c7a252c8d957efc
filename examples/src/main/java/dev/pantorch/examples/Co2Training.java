package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Example;
import dev.pantorch.io.Safetensors;
import dev.pantorch.metrics.MeanAbsoluteError;
import dev.pantorch.nn.L1Loss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.Trainer;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// How models learn to forecast carbon dioxide.
///
/// @param task the name beside the progress bar
/// @param data what is learned from
/// @param epochs passes over the training part
/// @param lr the first learning rate
/// @param out where the lines go
record Co2Training(String task, Co2Windows data, int epochs, double lr, PrintWriter out) {
  private static final int BATCH_SIZE = 32;

  /// What training came to.
  ///
  /// @param best the losses, and which epoch's weights are kept
  /// @param model with these weights
  record Result<M extends Co2Forecaster>(BestEpoch best, M model) {
    CurvePlot losses(String title) {
      return best.losses(title);
    }

    /// The model's forecasts of a part in parts per million (forecast, 12).
    Tensor forecasts(Co2Windows data, Co2Windows.Part part) {
      return data.ppm(answer(model, part.all()), part);
    }
  }

  /// Trains a model, and hands out a fresh one that loads its checkpoint.
  <M extends Co2Forecaster> Result<M> run(Supplier<M> newModel, Path checkpoint)
      throws IOException {
    M model = newModel.get();
    BestEpoch best = train(model, checkpoint);
    M loaded = newModel.get();
    loaded.loadStateDict(Safetensors.load(checkpoint));
    Example asked = data.validation().all();
    best.compare(answer(loaded, asked), answer(model, asked), "forecasts", out);
    return new Result<>(best, loaded);
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  private BestEpoch train(Co2Forecaster model, Path checkpoint) throws IOException {
    var criterion = new L1Loss();
    var optimizer = new Adam(model.parameters(), lr);
    var loader =
        new DataLoader<>(data.train().windows(), o -> o.batchSize(BATCH_SIZE).shuffle(true));
    Co2Windows.Part validation = data.validation();
    var trainer =
        new Trainer<>(
            model,
            optimizer,
            loader,
            (m, batch) -> criterion.forward(m.forward(batch.input()), batch.target()),
            o ->
                o.epochs(epochs)
                    .clipGradNorm(1.0)
                    .scheduler(new StepLR(optimizer, 20, 0.5))
                    .validation(List.of(validation.all()))
                    .metrics(
                        Map.of("mae", new MeanAbsoluteError()),
                        (m, batch, metrics) -> {
                          Tensor answers = m.forward(batch.input());
                          metrics.update(data.ppm(answers, validation), validation.truth());
                          return criterion.forward(answers, batch.target());
                        })
                    .earlyStopping("val_loss", e -> e.patience(epochs).restoreBest(true))
                    .callback(new EpochLines(task, epochs, out, "MAE: %.3f ppm", "val_mae")));
    return BestEpoch.fit(trainer, checkpoint, out);
  }

  private static Tensor answer(Co2Forecaster model, Example asked) {
    model.eval();
    return Torch.noGrad(() -> TensorScope.scope(() -> model.forward(asked.input())));
  }
}
