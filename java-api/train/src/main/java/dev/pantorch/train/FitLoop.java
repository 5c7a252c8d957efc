package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.lr.LRScheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The loop over epochs and batches.
final class FitLoop<M extends Module, B> implements AutoCloseable {
  private final Trainer<M, B> trainer;
  private final Stepper<M, B> stepper;
  private final TrainerOptions<M, B> options;
  private final Objective<M, B> objective;
  private final Iterable<B> loader;
  private final Objective.Pass<B> pass;
  private final @Nullable Progress progress;
  private final @Nullable Interruption interruption;
  final FitState state;
  volatile boolean stopping;

  FitLoop(
      Trainer<M, B> trainer,
      Stepper<M, B> stepper,
      Objective<M, B> objective,
      Iterable<B> loader,
      @Nullable Progress progress) {
    this.trainer = trainer;
    this.stepper = stepper;
    this.options = stepper.options;
    this.objective = objective;
    this.loader = loader;
    this.progress = progress;
    pass = objective.start(stepper.model);
    state = new FitState();
    Checkpoints checkpoints = options.checkpoints;
    interruption =
        checkpoints != null && checkpoints.onInterrupt ? new Interruption(checkpoints.grace) : null;
  }

  /// Takes everything from a checkpoint.
  void resume(Path file) {
    new CheckpointFile<>(stepper, loader, pass, state).load(file);
    if (progress != null) {
      progress.line(
          "Resuming from %s: epoch %d, batch %d".formatted(file, state.epoch, state.batch));
    }
  }

  History run() {
    try {
      tell("onFitStart", callback -> callback.onFitStart(trainer));
      while (state.epoch <= options.epochs && !state.stopped && !stopping) {
        if (!state.validating) train();
        if (!stopping) finishEpoch();
      }
      Map<String, Tensor> best = state.bestWeights;
      if (best != null && !stopping) stepper.model.loadStateDict(best);
      tell("onFitEnd", callback -> callback.onFitEnd(trainer, state.history));
      return state.history;
    } catch (Throwable e) {
      for (Callback callback : options.callbacks) {
        try {
          callback.onException(trainer, e);
        } catch (RuntimeException second) {
          e.addSuppressed(second);
        }
      }
      throw e;
    }
  }

  // Batches.

  private void train() {
    if (state.batch == 0) tell("onEpochStart", c -> c.onEpochStart(trainer, state.epoch));
    long count = Batches.count(loader);
    if (progress != null) progress.beginEpoch(state.epoch, count, state.batch);
    stepper.model.train();
    try (var batches = new Batches<>(loader, state.batch)) {
      boolean more = batches.hasNext();
      if (!more && state.batch == 0) throw new ValueException("there are no batches to train on");
      while (more && !stopping) {
        more = step(batches, count);
        if (!more) state.validating = true;
        afterStep();
      }
    }
    if (progress != null) progress.endBatches();
  }

  /// Makes one optimizer step, or with pieces those of one batch.
  ///
  /// @return whether there are more batches
  private boolean step(Batches<B> batches, long count) {
    if (options.pieces != null) return stepByPieces(batches, options.pieces);
    int share = options.accumulate;
    if (count > 0) share = (int) Math.min(share, count - state.batch);
    stepper.optimizer.zeroGrad();
    double total = 0;
    for (int done = 1; ; done++) {
      try (var scope = TensorScope.open()) {
        B batch = stepper.toDevice(batches.next());
        state.batch++;
        var micro = stepper.new Micro(pass, batch, share, position());
        add(micro.loss, batch);
        total += micro.loss;
        boolean more = batches.hasNext();
        boolean complete = done == share || !more;
        if (complete) update(micro, total / done);
        pass.commit();
        if (complete) return more;
      }
    }
  }

  private boolean stepByPieces(
      Batches<B> batches, Function<? super B, ? extends List<? extends B>> pieces) {
    try (var scope = TensorScope.open()) {
      B batch = stepper.toDevice(batches.next());
      state.batch++;
      pass.reset();
      for (B piece : pieces.apply(batch)) {
        try (var inner = TensorScope.open()) {
          stepper.optimizer.zeroGrad();
          var micro = stepper.new Micro(pass, piece, 1, position());
          add(micro.loss, piece);
          update(micro, micro.loss);
          pass.commit();
        }
      }
      return batches.hasNext();
    }
  }

  private DivergenceException.Position position() {
    return new DivergenceException.Position(state.epoch, state.batch, state.step + 1);
  }

  private void add(double loss, B batch) {
    long size = options.batchSize.applyAsLong(batch);
    state.lossSum += loss * size;
    state.samples += size;
  }

  private void update(Stepper<M, B>.Micro micro, double loss) {
    state.learningRate = stepper.learningRate();
    Stepper.Update update = micro.step();
    state.step++;
    if (update.made()) {
      for (LRScheduler scheduler : options.stepSchedulers) scheduler.step();
    }
    var result =
        new StepResult(
            state.epoch, state.batch, state.step, loss, update.norm(), state.learningRate);
    tell("onStepEnd", callback -> callback.onStepEnd(trainer, result));
    if (progress != null) {
      progress.step(state.batch, state.lossSum / state.samples, state.learningRate);
    }
  }

  private void afterStep() {
    Checkpoints checkpoints = options.checkpoints;
    if (checkpoints == null) return;
    long every = checkpoints.everySteps;
    // Pieces of one batch may pass over the number.
    if (every > 0 && state.step / every > state.savedStep / every) save(checkpoints.last());
    if (stopping) save(checkpoints.last());
    endIfInterrupted(null);
  }

  // Epochs.

  private void finishEpoch() {
    var figures = new LinkedHashMap<String, Double>();
    figures.put("loss", state.lossSum / state.samples);
    Iterable<B> validation = options.validation;
    if (validation != null) {
      // An interrupted evaluation is made anew, from where it began.
      try (var scope = TensorScope.open()) {
        var before = new CheckpointFile.Before(stepper.random.save(), Batches.state(validation));
        new Evaluator<>(stepper, objective)
            .run(validation, () -> endIfInterrupted(before))
            .forEach((name, figure) -> figures.put("val_" + name, figure));
      }
    }
    figures.put("lr", state.learningRate);
    var result = new EpochResult(state.epoch, figures);
    state.history.add(result);
    for (LRScheduler scheduler : options.epochSchedulers) scheduler.step();
    for (TrainerOptions.Plateau plateau : options.plateaus) {
      plateau.scheduler().step(figure(result, plateau.monitor()));
    }
    watch(result);
    state.beginEpoch(state.epoch + 1);
    pass.reset();
    tell("onEpochEnd", callback -> callback.onEpochEnd(trainer, result));
    if (progress != null) progress.endEpoch(result);
    saveEpoch(result);
    endIfInterrupted(null);
  }

  private void watch(EpochResult result) {
    EarlyStopping stopping = options.earlyStopping;
    if (stopping == null) return;
    double figure = figure(result, stopping.monitor);
    if (stopping.mode.isBetter(figure, state.bestFigure, stopping.minDelta)) {
      state.bestFigure = figure;
      state.badEpochs = 0;
      if (stopping.restoreBest) state.keepBest(stepper.model);
      return;
    }
    state.badEpochs++;
    if (state.badEpochs >= stopping.patience) state.stopped = true;
  }

  private static double figure(EpochResult result, String name) {
    Double figure = result.figures().get(name);
    if (figure == null) {
      throw new ValueException(
          "there is no figure '%s' to watch; an epoch has %s"
              .formatted(name, result.figures().keySet()));
    }
    return figure;
  }

  // Checkpoints.

  private void saveEpoch(EpochResult result) {
    Checkpoints checkpoints = options.checkpoints;
    if (checkpoints == null) return;
    String monitor = checkpoints.monitor;
    if (monitor.isEmpty()) monitor = options.validation == null ? "loss" : "val_loss";
    double figure = figure(result, monitor);
    boolean best = checkpoints.mode.isBetter(figure, state.savedBest, 0);
    if (best) state.savedBest = figure;
    save(checkpoints.last());
    if (best) save(checkpoints.best());
  }

  private void save(Path file) {
    save(file, null);
    tell("onCheckpoint", callback -> callback.onCheckpoint(trainer, file));
  }

  private void save(Path file, CheckpointFile.@Nullable Before before) {
    state.savedStep = state.step;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new CheckpointFile<>(stepper, loader, pass, state).save(file, before);
  }

  private void endIfInterrupted(CheckpointFile.@Nullable Before before) {
    if (interruption == null || !interruption.requested() || options.checkpoints == null) return;
    Path file = options.checkpoints.last();
    save(file, before);
    if (progress != null) {
      progress.line("Interrupted; training goes on from %s".formatted(file));
    }
    interruption.endProcess();
  }

  private void tell(String event, Consumer<Callback> call) {
    for (Callback callback : options.callbacks) {
      try {
        call.accept(callback);
      } catch (RuntimeException e) {
        throw new CallbackException(callback, event, e);
      }
    }
  }

  @Override
  public void close() {
    pass.close();
    state.close();
    if (progress != null) progress.close();
    if (interruption != null) interruption.close();
  }
}
