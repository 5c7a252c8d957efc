package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.metrics.MetricCollection;
import dev.pantorch.nn.Module;

/// Computes the loss of a batch in evaluation and tells the metrics what was predicted.
///
/// ```java
/// o.metrics(
///     Map.of("accuracy", new Accuracy(3)),
///     (model, batch, metrics) -> {
///       Tensor logits = model.forward(batch.input());
///       metrics.update(logits, batch.target());
///       return criterion.forward(logits, batch.target());
///     });
/// ```
///
/// @param <M> the model
/// @param <B> a batch
@FunctionalInterface
public interface EvaluationFunction<M extends Module, B> {
  /// Computes the loss and updates the metrics. No gradients are recorded, and the model is in
  /// evaluation mode.
  ///
  /// @param model the model
  /// @param batch the batch, on the trainer's device
  /// @param metrics receive predictions and targets
  /// @return the loss, one element: the mean over the batch
  Tensor apply(M model, B batch, MetricCollection metrics);
}
