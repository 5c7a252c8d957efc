package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.metrics.MetricCollection;
import dev.pantorch.nn.Module;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Computes the mean loss and the metrics over a loader.
final class Evaluator<M extends Module, B> {
  private final Stepper<M, B> stepper;
  private final Objective<M, B> objective;

  Evaluator(Stepper<M, B> stepper, Objective<M, B> objective) {
    this.stepper = stepper;
    this.objective = objective;
  }

  /// Evaluates.
  ///
  /// @param afterBatch called after each batch
  /// @return the loss and the metrics by name
  SequencedMap<String, Double> run(Iterable<B> loader, Runnable afterBatch) {
    TrainerOptions<M, B> options = stepper.options;
    var metrics = new MetricCollection(options.metrics);
    metrics.reset();
    boolean training = stepper.model.isTraining();
    stepper.model.eval();
    double total = 0;
    long samples = 0;
    try (var pass = objective.start(stepper.model);
        var batches = new Batches<>(loader, 0);
        var mode = Torch.noGrad()) {
      while (batches.hasNext()) {
        try (var scope = TensorScope.open()) {
          B batch = stepper.toDevice(batches.next());
          List<? extends B> pieces = List.of(batch);
          if (options.pieces != null) {
            pass.reset();
            pieces = options.pieces.apply(batch);
          }
          for (B piece : pieces) {
            try (var inner = TensorScope.open()) {
              Tensor loss = stepper.loss(pass, piece, metrics);
              long size = options.batchSize.applyAsLong(piece);
              total += loss.item() * size;
              samples += size;
              pass.commit();
            }
          }
        }
        afterBatch.run();
      }
    } finally {
      stepper.model.train(training);
    }
    if (samples == 0) throw new ValueException("there are no batches to evaluate on");
    var figures = new LinkedHashMap<String, Double>();
    figures.put("loss", total / samples);
    figures.putAll(metrics.compute());
    metrics.reset();
    return figures;
  }
}
