package dev.pantorch.train.tensorboard;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.train.Callback;
import dev.pantorch.train.EpochResult;
import dev.pantorch.train.History;
import dev.pantorch.train.StepResult;
import dev.pantorch.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Shows a training in TensorBoard: the loss, the norm of the gradients and the learning rate of
/// steps under `step/`, the figures of epochs under `epoch/`, and if wished the distributions of
/// parameters.
///
/// ```java
/// try (var writer = new SummaryWriter(Path.of("runs/lstm"))) {
///   trainer(o -> o.callback(new TensorBoardCallback(writer, 10, true))).fit();
/// }
/// ```
///
/// Steps and epochs of a resumed training go on where they were; the writer is the caller's to
/// close.
public final class TensorBoardCallback implements Callback {
  private final SummaryWriter writer;
  private final long everySteps;
  private final boolean histograms;

  /// Shows every step and every epoch, and no distributions.
  ///
  /// @param writer the run
  public TensorBoardCallback(SummaryWriter writer) {
    this(writer, 1, false);
  }

  /// Shows what is wished.
  ///
  /// @param writer the run
  /// @param everySteps how many steps lie between two that are shown, 1 for all
  /// @param histograms whether the distributions of parameters are shown after each epoch
  public TensorBoardCallback(SummaryWriter writer, long everySteps, boolean histograms) {
    if (everySteps < 1) throw new ValueException("everySteps must be 1 or more, not " + everySteps);
    this.writer = writer;
    this.everySteps = everySteps;
    this.histograms = histograms;
  }

  @Override
  public void onStepEnd(Trainer<?, ?> trainer, StepResult step) {
    if (step.step() % everySteps != 0) return;
    writer.addScalar("step/loss", step.loss(), step.step());
    writer.addScalar("step/lr", step.learningRate(), step.step());
    if (!Double.isNaN(step.gradientNorm())) {
      writer.addScalar("step/gradient_norm", step.gradientNorm(), step.step());
    }
  }

  @Override
  public void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {
    epoch
        .figures()
        .forEach((name, figure) -> writer.addScalar("epoch/" + name, figure, epoch.epoch()));
    if (histograms) {
      for (var parameter : trainer.model().namedParameters().entrySet()) {
        Tensor values = parameter.getValue();
        writer.addHistogram("parameters/" + parameter.getKey(), values, epoch.epoch());
      }
    }
    flush();
  }

  @Override
  public void onFitEnd(Trainer<?, ?> trainer, History history) {
    flush();
  }

  private void flush() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
