package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import dev.pantorch.metrics.Accuracy;
import dev.pantorch.metrics.F1Score;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.AdamW;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Will it rain tomorrow in Seattle? A Transformer encoder with positional encoding.
///
/// The data, the parts and the rules by which weights and threshold are chosen are those of {@link
/// Rain}; the page `docs/examples/transformer.md` tells what is different.
@Command(
    name = "examples/run transformer",
    description = "Will it rain tomorrow in Seattle? Trains a Transformer encoder on real weather.")
public final class Transformer extends TrainingExample {
  private static final int BATCH_SIZE = 32;

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Transformer(PrintWriter out) {
    super(out, "transformer", 10);
  }

  /// Trains and tests.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Transformer::new, args);
  }

  @Override
  int train() throws IOException {
    try (var scope = TensorScope.open()) {
      Torch.setNumThreads(1);
      Torch.manualSeed(seed);
      WeatherData data = WeatherData.load();
      RainTransformer model = new RainTransformer(WeatherData.FEATURES, 32, 4, 2);
      train(model, data);
      Safetensors.save(output.resolve("model.safetensors"), model.stateDict());
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

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the model.
  private void train(RainTransformer model, WeatherData data) {
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new AdamW(model.parameters(), o -> o.lr(1e-3).weightDecay(0.1));
    String figures = "accuracy: %.3f, F1: %.3f";
    new Trainer<>(
            model,
            optimizer,
            data.train().batches(BATCH_SIZE),
            (m, batch) -> criterion.forward(m.forward(batch.input()), batch.target()),
            o ->
                o.epochs(epochs)
                    .clipGradNorm(1.0)
                    .scheduler(new StepLR(optimizer, 5, 0.5))
                    .validation(List.of(data.validation().all()))
                    .metrics(
                        Map.of("accuracy", new Accuracy(), "f1", new F1Score()),
                        (m, batch, metrics) -> {
                          Tensor logits = m.forward(batch.input());
                          metrics.update(logits.gt(0), data.validation().rainTomorrow());
                          return criterion.forward(logits, batch.target());
                        })
                    .earlyStopping("val_loss", e -> e.patience(epochs).restoreBest(true))
                    .callback(
                        new EpochLines(
                            "transformer", epochs, out, figures, "val_accuracy", "val_f1")))
        .fit();
  }

  /// The logits of all sequences of a part.
  private static Tensor answer(RainTransformer model, WeatherData.Part part) {
    model.eval();
    return Torch.noGrad(() -> model.forward(part.x()));
  }
}
