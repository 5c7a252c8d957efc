package dev.pantorch.train;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.ValueException;
import dev.pantorch.amp.GradScaler;
import dev.pantorch.metrics.Metric;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.lr.LRScheduler;
import dev.pantorch.optim.lr.ReduceLROnPlateau;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Options of a {@link Trainer}.
///
/// ```java
/// Consumer<TrainerOptions<LSTMModel, Example>> settings =
///     o -> o.epochs(30)
///         .validation(validationLoader)
///         .clipGradNorm(1.0)
///         .scheduler(new StepLR(optimizer, 10, 0.5))
///         .earlyStopping("val_loss", e -> e.patience(3).restoreBest(true))
///         .checkpoints(Path.of("runs/lstm"), c -> c.resume(true))
///         .progress(System.out);
/// ```
///
/// @param <M> the model
/// @param <B> a batch
public final class TrainerOptions<M extends Module, B> {
  int epochs = 1;
  @Nullable Iterable<B> validation;
  final SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
  @Nullable EvaluationFunction<? super M, ? super B> evaluation;
  int accumulate = 1;
  double clipGradNorm = Double.NaN;
  double clipGradValue = Double.NaN;
  final List<LRScheduler> epochSchedulers = new ArrayList<>();
  final List<LRScheduler> stepSchedulers = new ArrayList<>();
  final List<Plateau> plateaus = new ArrayList<>();
  @Nullable EarlyStopping earlyStopping;
  @Nullable Checkpoints checkpoints;
  final List<Callback> callbacks = new ArrayList<>();
  @Nullable PrintStream progress;
  @Nullable Device device;
  BiFunction<? super B, Device, ? extends B> toDevice = TensorTrees::to;
  ToLongFunction<? super B> batchSize = TensorTrees::samples;
  @Nullable Function<? super B, ? extends List<? extends B>> pieces;
  boolean detectDivergence = true;
  @Nullable DType autocast;
  @Nullable GradScaler scaler;

  /// A scheduler that watches a figure.
  record Plateau(ReduceLROnPlateau scheduler, String monitor) {}

  private final boolean stateful;

  TrainerOptions(boolean stateful) {
    this.stateful = stateful;
  }

  /// How many times all batches are trained on.
  ///
  /// @param epochs 1 unless set
  /// @return these options
  public TrainerOptions<M, B> epochs(int epochs) {
    if (epochs < 1) throw new ValueException("epochs must be 1 or more, not " + epochs);
    this.epochs = epochs;
    return this;
  }

  /// What the model is evaluated on after each epoch.
  ///
  /// @param loader gives the batches of the validation part; none unless set
  /// @return these options
  public TrainerOptions<M, B> validation(Iterable<B> loader) {
    this.validation = loader;
    return this;
  }

  /// What is counted in evaluation beside the loss.
  ///
  /// @param metrics by name; in the history a validation's `accuracy` is `val_accuracy`
  /// @param function computes the loss and updates the metrics
  /// @return these options
  public TrainerOptions<M, B> metrics(
      Map<String, ? extends Metric> metrics, EvaluationFunction<? super M, ? super B> function) {
    this.metrics.putAll(metrics);
    this.evaluation = function;
    return this;
  }

  /// What is counted in evaluation beside the loss by a trainer made by {@link Trainer#stateful},
  /// whose results have predictions and targets.
  ///
  /// @param metrics by name; in the history a validation's `mae` is `val_mae`
  /// @return these options
  public TrainerOptions<M, B> metrics(Map<String, ? extends Metric> metrics) {
    this.metrics.putAll(metrics);
    return this;
  }

  /// From how many batches the gradients of a step are gathered. Each batch's loss counts by the
  /// number of batches in its step, fewer at the end of an epoch; with batches of one size the
  /// gradients are those of one large batch, but for the order of summation.
  ///
  /// @param batches 1 unless set
  /// @return these options
  public TrainerOptions<M, B> accumulate(int batches) {
    if (batches < 1) throw new ValueException("accumulate must be 1 or more, not " + batches);
    this.accumulate = batches;
    return this;
  }

  /// Clips the norm of the gradients before each step.
  ///
  /// @param maxNorm the greatest norm; not clipped unless set
  /// @return these options
  public TrainerOptions<M, B> clipGradNorm(double maxNorm) {
    this.clipGradNorm = maxNorm;
    return this;
  }

  /// Clips each element of the gradients before each step.
  ///
  /// @param clipValue the greatest absolute value; not clipped unless set
  /// @return these options
  public TrainerOptions<M, B> clipGradValue(double clipValue) {
    this.clipGradValue = clipValue;
    return this;
  }

  /// A schedule that goes on after each epoch. Several take their turns in the order given.
  ///
  /// @param scheduler made for the trainer's optimizer
  /// @return these options
  public TrainerOptions<M, B> scheduler(LRScheduler scheduler) {
    epochSchedulers.add(scheduler);
    return this;
  }

  /// A schedule that goes on after each optimizer step, as `OneCycleLR` does.
  ///
  /// @param scheduler made for the trainer's optimizer
  /// @return these options
  public TrainerOptions<M, B> schedulerPerStep(LRScheduler scheduler) {
    stepSchedulers.add(scheduler);
    return this;
  }

  /// A schedule that watches a figure after each epoch.
  ///
  /// @param scheduler made for the trainer's optimizer
  /// @param monitor the figure: `val_loss`, `loss`, `val_accuracy`
  /// @return these options
  public TrainerOptions<M, B> scheduler(ReduceLROnPlateau scheduler, String monitor) {
    plateaus.add(new Plateau(scheduler, monitor));
    return this;
  }

  /// Ends training when a figure has stopped to become better.
  ///
  /// @param monitor the figure: `val_loss`, `val_accuracy`
  /// @param settings sets how long that is borne
  /// @return these options
  public TrainerOptions<M, B> earlyStopping(String monitor, Consumer<EarlyStopping> settings) {
    earlyStopping = new EarlyStopping(monitor);
    settings.accept(earlyStopping);
    return this;
  }

  /// Writes checkpoints after each epoch, and when the process is told to end.
  ///
  /// @param folder where; made if need be
  /// @return these options
  public TrainerOptions<M, B> checkpoints(Path folder) {
    return checkpoints(folder, c -> {});
  }

  /// Writes checkpoints.
  ///
  /// @param folder where; made if need be
  /// @param settings sets when, and whether training goes on from one
  /// @return these options
  public TrainerOptions<M, B> checkpoints(Path folder, Consumer<Checkpoints> settings) {
    checkpoints = new Checkpoints(folder);
    settings.accept(checkpoints);
    return this;
  }

  /// Adds one that is told what happens.
  ///
  /// @param callback none unless set
  /// @return these options
  public TrainerOptions<M, B> callback(Callback callback) {
    callbacks.add(callback);
    return this;
  }

  /// Where to show how training goes: a bar on a terminal, and where output goes to a file or a
  /// pipe a line for each epoch and, within long epochs, for each minute.
  ///
  /// @param out such as `System.out`; nowhere unless set
  /// @return these options
  public TrainerOptions<M, B> progress(PrintStream out) {
    this.progress = out;
    return this;
  }

  /// Computes losses in mixed precision: {@link dev.pantorch.Torch#autocast}, in evaluation too.
  ///
  /// @param dtype `BFLOAT16`, or `FLOAT16` with a {@link #scaler}; off unless set
  /// @return these options
  public TrainerOptions<M, B> autocast(DType dtype) {
    this.autocast = dtype;
    return this;
  }

  /// Scales losses so that small gradients do not become 0 in float16. Gradients are divided again
  /// before they are clipped; a step with gradients that are not finite is left out, and schedules
  /// of steps wait.
  ///
  /// @param scaler none unless set
  /// @return these options
  public TrainerOptions<M, B> scaler(GradScaler scaler) {
    this.scaler = scaler;
    return this;
  }

  /// Where to train. The model is moved there when training begins, and each batch when it is
  /// taken: the tensors in lists, maps and records. Lengths of packed and padded batches stay on
  /// the CPU.
  ///
  /// @param device where the model is unless set; batches are then left where they are
  /// @return these options
  public TrainerOptions<M, B> device(Device device) {
    this.device = device;
    return this;
  }

  /// Where to train, with a way of one's own to move batches.
  ///
  /// @param device where
  /// @param move gives a batch on the device
  /// @return these options
  public TrainerOptions<M, B> device(
      Device device, BiFunction<? super B, Device, ? extends B> move) {
    this.device = device;
    this.toDevice = move;
    return this;
  }

  /// How many samples a batch has, by which its loss counts in the mean of an epoch.
  ///
  /// @param batchSize the first dimension of the batch's first tensor unless set
  /// @return these options
  public TrainerOptions<M, B> batchSize(ToLongFunction<? super B> batchSize) {
    this.batchSize = batchSize;
    return this;
  }

  /// Cuts each batch of long sequences into pieces, each of which gets an optimizer step of its
  /// own: truncated backpropagation through time. The carried state begins anew with each batch.
  /// For trainers made by {@link Trainer#stateful}.
  ///
  /// @param pieces from a batch to its pieces in the order of time; batches are pieces unless set,
  ///   and the carried state begins anew with each epoch
  /// @return these options
  public TrainerOptions<M, B> pieces(Function<? super B, ? extends List<? extends B>> pieces) {
    this.pieces = pieces;
    return this;
  }

  /// Whether a loss or a gradient that is not finite ends training with a {@link
  /// DivergenceException} that says where it came from.
  ///
  /// @param detectDivergence true unless set
  /// @return these options
  public TrainerOptions<M, B> detectDivergence(boolean detectDivergence) {
    this.detectDivergence = detectDivergence;
    return this;
  }

  void check() {
    if (pieces != null && accumulate > 1) {
      throw new ValueException(
          "pieces and accumulate are mutually exclusive: each piece has an optimizer step of its"
              + " own");
    }
    if (!metrics.isEmpty() && evaluation == null && !stateful) {
      throw new ValueException(
          "metrics need a function that updates them: metrics(metrics, (model, batch, metrics) ->"
              + " loss)");
    }
    if (pieces != null && !stateful) {
      throw new ValueException("pieces need a carried state: make the trainer by Trainer.stateful");
    }
    if (evaluation != null && stateful) {
      throw new ValueException(
          "the metrics of a stateful trainer are updated with the predictions and targets of its"
              + " results: metrics(metrics)");
    }
  }
}
