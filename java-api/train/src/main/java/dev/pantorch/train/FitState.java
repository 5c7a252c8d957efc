package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Where a training stands.
final class FitState implements AutoCloseable {
  final History history = new History();
  int epoch = 1;

  /// How many batches of the epoch are done.
  long batch;

  /// Whether only the epoch's validation is left to do.
  boolean validating;

  /// How many optimizer steps are made, over all epochs.
  long step;

  long savedStep;
  double lossSum;
  long samples;
  double learningRate;

  /// For early stopping.
  double bestFigure = Double.NaN;

  int badEpochs;
  boolean stopped;
  @Nullable SequencedMap<String, Tensor> bestWeights;

  /// The best of the figure by which checkpoints are chosen.
  double savedBest = Double.NaN;

  void beginEpoch(int number) {
    epoch = number;
    batch = 0;
    validating = false;
    lossSum = 0;
    samples = 0;
  }

  void keepBest(Module model) {
    keepBest(model.stateDict());
  }

  private void keepBest(Map<String, Tensor> weights) {
    close();
    var copies = new LinkedHashMap<String, Tensor>();
    try (var scope = TensorScope.open()) {
      weights.forEach((name, tensor) -> copies.put(name, tensor.clone(null).keep()));
    }
    bestWeights = copies;
  }

  Map<String, Object> save() {
    Map<String, Object> saved = new LinkedHashMap<>();
    saved.put("epoch", epoch);
    saved.put("batch", batch);
    saved.put("validating", validating);
    saved.put("step", step);
    saved.put("loss_sum", lossSum);
    saved.put("samples", samples);
    saved.put("learning_rate", learningRate);
    saved.put("best_figure", bestFigure);
    saved.put("bad_epochs", badEpochs);
    saved.put("stopped", stopped);
    saved.put("saved_best", savedBest);
    if (bestWeights != null) saved.put("best_weights", bestWeights);
    saved.put("history", history.state());
    return saved;
  }

  void load(SavedValues saved) {
    epoch = (int) saved.integer("epoch");
    batch = saved.integer("batch");
    validating = saved.flag("validating");
    step = saved.integer("step");
    savedStep = step;
    lossSum = saved.number("loss_sum");
    samples = saved.integer("samples");
    learningRate = saved.number("learning_rate");
    bestFigure = saved.number("best_figure");
    badEpochs = (int) saved.integer("bad_epochs");
    stopped = saved.flag("stopped");
    savedBest = saved.number("saved_best");
    if (saved.has("best_weights")) keepBest(saved.map("best_weights", Tensor.class));
    history.loadState(saved.list("history"));
  }

  @Override
  public void close() {
    if (bestWeights != null) bestWeights.values().forEach(Tensor::close);
    bestWeights = null;
  }
}
