package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import dev.pantorch.train.History;
import dev.pantorch.train.Mode;
import dev.pantorch.train.Trainer;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/// What a training came to whose model has the weights of its best epoch in the end.
///
/// @param history the losses of all epochs
/// @param epoch the one with the lowest validation loss
/// @param checkpoint its weights
record BestEpoch(History history, int epoch, Path checkpoint) {
  /// Trains with the option `restoreBest`, saves the weights and says how long it took.
  static BestEpoch fit(Trainer<?, ?> trainer, Path checkpoint, PrintWriter out) throws IOException {
    Instant start = Instant.now();
    History history = trainer.fit();
    int epoch = history.best("val_loss", Mode.MIN).epoch();
    Safetensors.save(checkpoint, trainer.model().stateDict());
    out.printf(
        Locale.ROOT,
        "Trained in %.1f s; weights of epoch %d.%n",
        Duration.between(start, Instant.now()).toMillis() / 1e3,
        epoch);
    return new BestEpoch(history, epoch, checkpoint);
  }

  CurvePlot losses(String title) {
    return CurvePlot.losses(title, history.values("loss"), history.values("val_loss"), epoch);
  }

  /// Says that a fresh model with the checkpoint's weights answers as the one that was saved.
  ///
  /// @param answers of the fresh one
  /// @param wanted of the other
  /// @param noun what they are
  static void compare(
      Path checkpoint, int epoch, Tensor answers, Tensor wanted, String noun, PrintWriter out) {
    if (!Torch.equal(answers, wanted)) {
      throw new IllegalStateException(
          "the model loaded from %s answers otherwise than the one saved".formatted(checkpoint));
    }
    out.printf(
        "Checkpoint: %s, weights of epoch %d; a fresh model that loads it gives the same %d %s, bit"
            + " for bit.%n",
        checkpoint, epoch, answers.size(0), noun);
  }

  void compare(Tensor answers, Tensor wanted, String noun, PrintWriter out) {
    compare(checkpoint, epoch, answers, wanted, noun, out);
  }
}
