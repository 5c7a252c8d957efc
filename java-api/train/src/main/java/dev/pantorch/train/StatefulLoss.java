package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import org.jspecify.annotations.Nullable;

/// Computes the loss of a piece of a long sequence from the state that the piece before has left:
/// truncated backpropagation through time.
///
/// ```java
/// StatefulLoss<LSTMModel, Example, LSTM.State> loss =
///     (model, batch, state) -> {
///       LSTM.Output result = model.lstm.forward(batch.input(), state);
///       Tensor predicted = model.fc.forward(result.output());
///       return new StatefulLoss.Result<>(criterion.forward(predicted, batch.target()), result.state());
///     };
/// ```
///
/// @param <M> the model
/// @param <B> a batch
/// @param <S> the state: a tensor, or a record or list of tensors
@FunctionalInterface
public interface StatefulLoss<M extends Module, B, S> {
  /// Computes the loss. Called with gradients recorded in training, and without in evaluation.
  ///
  /// @param model the model
  /// @param batch the piece, on the trainer's device
  /// @param state what the piece before has left, detached; null at the beginning
  /// @return the loss and the state after the piece
  Result<S> apply(M model, B batch, @Nullable S state);

  /// What came out of a piece.
  ///
  /// @param loss one element: the mean over the batch
  /// @param state for the next piece, which gets it detached
  /// @param predictions for the metrics in evaluation, or null
  /// @param targets for the metrics in evaluation, or null
  /// @param <S> the state
  record Result<S>(Tensor loss, S state, @Nullable Tensor predictions, @Nullable Tensor targets) {
    /// A loss and a state, without anything for metrics.
    ///
    /// @param loss one element: the mean over the batch
    /// @param state for the next piece
    public Result(Tensor loss, S state) {
      this(loss, state, null, null);
    }
  }
}
