package dev.pantorch.examples;

import dev.pantorch.train.Callback;
import dev.pantorch.train.EpochResult;
import dev.pantorch.train.History;
import dev.pantorch.train.Trainer;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Prints a line for each epoch of a training, in the words of the Python programs.
final class EpochLines implements Callback {
  private final String task;
  private final int epochs;
  private final PrintWriter out;
  private final String rest;
  private final List<String> figures;
  private @Nullable Progress progress;

  /// @param task stands beside the progress bar
  /// @param rest the format of what comes after the losses
  /// @param figures what it says, by their names in the history
  EpochLines(String task, int epochs, PrintWriter out, String rest, String... figures) {
    this.task = task;
    this.epochs = epochs;
    this.out = out;
    this.rest = rest;
    this.figures = List.of(figures);
  }

  /// The line of an epoch.
  static String line(int epoch, int epochs, double loss, double validationLoss, String rest) {
    return String.format(
        Locale.ROOT,
        "Epoch [%d/%d], Loss: %.4f, Validation loss: %.4f, %s",
        epoch,
        epochs,
        loss,
        validationLoss,
        rest);
  }

  @Override
  public void onFitStart(Trainer<?, ?> trainer) {
    progress = new Progress(task, epochs, out);
  }

  @Override
  public void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {
    if (progress == null) return;
    Object[] values = figures.stream().map(name -> figure(epoch, name)).toArray();
    progress.step(
        line(
            epoch.epoch(),
            epochs,
            figure(epoch, "loss"),
            figure(epoch, "val_loss"),
            String.format(Locale.ROOT, rest, values)));
  }

  private static double figure(EpochResult epoch, String name) {
    return epoch.figures().getOrDefault(name, Double.NaN);
  }

  @Override
  public void onFitEnd(Trainer<?, ?> trainer, History history) {
    close();
  }

  @Override
  public void onException(Trainer<?, ?> trainer, Throwable exception) {
    close();
  }

  private void close() {
    if (progress != null) progress.close();
    progress = null;
  }
}
