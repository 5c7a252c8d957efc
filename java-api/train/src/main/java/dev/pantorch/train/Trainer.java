package dev.pantorch.train;

import dev.pantorch.nn.Module;
import dev.pantorch.optim.Optimizer;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Trains a model: the loop over epochs and batches, with what such loops come to need.
///
/// ```java
/// var trainer =
///     new Trainer<>(
///         model,
///         optimizer,
///         loader,
///         (m, batch) -> criterion.forward(m.forward(batch.input()), batch.target()),
///         o -> o.epochs(20).validation(validationLoader).clipGradNorm(1.0).progress(System.out));
/// History history = trainer.fit();
/// ```
///
/// Without options the steps are those of the plain loop, to the bit:
///
/// ```java
/// model.train();
/// for (int epoch = 1; epoch <= epochs; epoch++) {
///   for (Example batch : loader) {
///     optimizer.zeroGrad();
///     Tensor loss = criterion.forward(model.forward(batch.input()), batch.target());
///     loss.backward();
///     optimizer.step();
///   }
/// }
/// ```
///
/// **Loaders** are {@link dev.pantorch.data.DataLoader}s, or anything that gives batches again and
/// again, such as a list. Only a `DataLoader` comes back to its place in a shuffled order when
/// training is resumed; of other batches as many are skipped as were done.
///
/// **Ownership.** Each batch, and what is computed from it, belongs to a scope of its own; memory
/// stays flat.
///
/// **Threads.** A trainer is used by one thread; {@link #stop} may be called by any.
///
/// @param <M> the model
/// @param <B> a batch
public final class Trainer<M extends Module, B> {
  private final M model;
  private final Optimizer<?> optimizer;
  private final Iterable<B> loader;
  private final Objective<M, B> objective;
  private final TrainerOptions<M, B> options;
  private volatile @Nullable FitLoop<M, B> running;
  private History history = new History();

  /// A trainer with options as they come: one epoch, nothing else.
  ///
  /// @param model is trained
  /// @param optimizer of the model's parameters
  /// @param loader gives the batches
  /// @param loss computes the loss of a batch
  public Trainer(
      M model,
      Optimizer<?> optimizer,
      Iterable<B> loader,
      LossFunction<? super M, ? super B> loss) {
    this(model, optimizer, loader, loss, o -> {});
  }

  /// A trainer.
  ///
  /// @param model is trained
  /// @param optimizer of the model's parameters
  /// @param loader gives the batches
  /// @param loss computes the loss of a batch
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if options contradict each other
  public Trainer(
      M model,
      Optimizer<?> optimizer,
      Iterable<B> loader,
      LossFunction<? super M, ? super B> loss,
      Consumer<TrainerOptions<M, B>> settings) {
    this.model = model;
    this.optimizer = optimizer;
    this.loader = loader;
    options = configure(false, settings);
    objective = new Objective.Plain<>(loss, options.evaluation);
  }

  private Trainer(
      M model,
      Optimizer<?> optimizer,
      Iterable<B> loader,
      Objective<M, B> objective,
      TrainerOptions<M, B> options) {
    this.model = model;
    this.optimizer = optimizer;
    this.loader = loader;
    this.objective = objective;
    this.options = options;
  }

  private static <M extends Module, B> TrainerOptions<M, B> configure(
      boolean stateful, Consumer<TrainerOptions<M, B>> settings) {
    var options = new TrainerOptions<M, B>(stateful);
    settings.accept(options);
    options.check();
    return options;
  }

  /// A trainer for long sequences that are trained on piece by piece, with a state that is carried
  /// from each piece to the next: truncated backpropagation through time.
  ///
  /// ```java
  /// var trainer =
  ///     Trainer.stateful(
  ///         model,
  ///         optimizer,
  ///         pieces,
  ///         LSTM.State.class,
  ///         (m, piece, state) -> {
  ///           LSTM.Output result = m.lstm.forward(piece.input(), state);
  ///           Tensor predicted = m.fc.forward(result.output());
  ///           return new StatefulLoss.Result<>(
  ///               criterion.forward(predicted, piece.target()), result.state());
  ///         },
  ///         o -> o.epochs(20));
  /// ```
  ///
  /// The loader gives the pieces in the order of time, or long sequences that the option {@link
  /// TrainerOptions#pieces} cuts. The state is detached, so that gradients end at the border of a
  /// piece, and outlives the scopes of both. It is null at the beginning of an epoch, or of a long
  /// sequence.
  ///
  /// @param model is trained
  /// @param optimizer of the model's parameters
  /// @param loader gives the batches
  /// @param state the state's type: a tensor, or a record of tensors
  /// @param loss computes the loss of a piece and the state after it
  /// @param settings sets the options
  /// @param <M> the model
  /// @param <B> a batch
  /// @param <S> the state
  /// @return the trainer
  /// @throws dev.pantorch.ValueException if options contradict each other
  public static <M extends Module, B, S> Trainer<M, B> stateful(
      M model,
      Optimizer<?> optimizer,
      Iterable<B> loader,
      Class<S> state,
      StatefulLoss<? super M, ? super B, S> loss,
      Consumer<TrainerOptions<M, B>> settings) {
    return new Trainer<>(
        model, optimizer, loader, new Objective.Stateful<>(loss, state), configure(true, settings));
  }

  // Training.

  /// Trains; goes on from the last checkpoint where {@link Checkpoints#resume} says so and there is
  /// one.
  ///
  /// @return what came out of each epoch, those before the checkpoint included
  /// @throws DivergenceException if a loss or a gradient is not finite
  /// @throws CallbackException if a callback fails
  /// @throws java.io.UncheckedIOException if a checkpoint cannot be read or written
  public History fit() {
    Checkpoints checkpoints = options.checkpoints;
    if (checkpoints == null || !checkpoints.resume) return run(null);
    return run(Files.exists(checkpoints.last()) ? checkpoints.last() : null);
  }

  /// Goes on from a checkpoint as if training had never ended: with the same bits, if this trainer
  /// is made as the one that wrote it. Only the number of epochs may be another.
  ///
  /// @param checkpoint a file of {@link Checkpoints}
  /// @return what came out of each epoch, those before the checkpoint included
  /// @throws dev.pantorch.ValueException if the file is no such checkpoint, or one of a trainer
  ///   made otherwise
  /// @throws DivergenceException if a loss or a gradient is not finite
  /// @throws CallbackException if a callback fails
  /// @throws java.io.UncheckedIOException if a checkpoint cannot be read or written
  public History fit(Path checkpoint) {
    return run(checkpoint);
  }

  private History run(@Nullable Path checkpoint) {
    if (running != null) throw new IllegalStateException("the trainer is training already");
    PrintStream out = options.progress;
    Progress progress =
        out == null
            ? null
            : new Progress(out, Progress.isTerminal(out), System::nanoTime, options.epochs);
    try (var loop = new FitLoop<>(this, stepper(true), objective, loader, progress)) {
      running = loop;
      history = loop.state.history;
      if (checkpoint != null) loop.resume(checkpoint);
      return loop.run();
    } finally {
      running = null;
    }
  }

  private Stepper<M, B> stepper(boolean mayDiverge) {
    return new Stepper<>(model, optimizer, options, mayDiverge && options.detectDivergence);
  }

  /// Ends training after the step that is being made; with checkpoints, it can be resumed.
  /// Callbacks and other threads may call this. Does nothing where there is no training.
  public void stop() {
    FitLoop<M, B> loop = running;
    if (loop != null) loop.stopping = true;
  }

  /// Evaluates the model, without gradients and in evaluation mode.
  ///
  /// @param batches what on, the test part
  /// @return `loss`, the mean over all samples, and the metrics by name
  public SequencedMap<String, Double> evaluate(Iterable<B> batches) {
    return new Evaluator<>(stepper(false), objective).run(batches, () -> {});
  }

  // Debugging.

  /// Tries learning rates from small to great. Model, optimizer, generators and loader are
  /// afterwards as they were before, to the bit; gradients are removed.
  ///
  /// @param settings sets which rates, and how many
  /// @return the losses, and which rate to take
  public LearningRateFinder.Result findLearningRate(Consumer<LearningRateFinder> settings) {
    var finder = new LearningRateFinder();
    settings.accept(finder);
    Stepper<M, B> stepper = stepper(false);
    try (var before = new Snapshot<>(stepper, loader)) {
      return finder.run(stepper, objective, loader);
    }
  }

  /// Trains on the loader's next batch over and over, to see whether the model can learn it by
  /// heart. Model, optimizer, generators and loader are afterwards as they were before, to the bit;
  /// gradients are removed.
  ///
  /// @param settings sets how many steps, and which loss is to be reached
  /// @return the losses, and whether it has learned
  /// @throws DivergenceException if a loss or a gradient is not finite
  public OverfitCheck.Result overfitOneBatch(Consumer<OverfitCheck> settings) {
    var check = new OverfitCheck();
    settings.accept(check);
    Stepper<M, B> stepper = stepper(true);
    try (var before = new Snapshot<>(stepper, loader)) {
      return check.run(stepper, objective, loader);
    }
  }

  // For callbacks.

  /// The model that is trained.
  ///
  /// @return the model
  public M model() {
    return model;
  }

  /// The optimizer of its parameters.
  ///
  /// @return the optimizer
  public Optimizer<?> optimizer() {
    return optimizer;
  }

  /// What came out of the epochs so far, of the training that runs or ran last.
  ///
  /// @return the history
  public History history() {
    return history;
  }
}
