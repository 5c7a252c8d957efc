package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;

/// Computes the loss of a batch: what a training step is about.
///
/// ```java
/// LossFunction<LSTMModel, Example> loss =
///     (model, batch) -> criterion.forward(model.forward(batch.input()), batch.target());
/// ```
///
/// @param <M> the model
/// @param <B> a batch
@FunctionalInterface
public interface LossFunction<M extends Module, B> {
  /// Computes the loss. Called with gradients recorded in training, and without in evaluation,
  /// where the model is in evaluation mode.
  ///
  /// @param model the model
  /// @param batch the batch, on the trainer's device
  /// @return the loss, one element: the mean over the batch
  Tensor apply(M model, B batch);
}
