package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.metrics.MetricCollection;
import dev.pantorch.nn.Module;
import org.jspecify.annotations.Nullable;

/// Computes losses, with or without a state that goes from batch to batch.
interface Objective<M extends Module, B> {
  /// Begins a pass over batches.
  Pass<B> start(M model);

  /// One pass over batches.
  ///
  /// @param <B> a batch
  abstract class Pass<B> implements AutoCloseable {
    /// The loss of a batch. Called again it computes the same.
    ///
    /// @param metrics in evaluation, receive predictions; null in training
    abstract Tensor loss(B batch, @Nullable MetricCollection metrics);

    /// Ends the batch whose loss was computed last.
    void commit() {}

    /// Forgets the state.
    void reset() {}

    /// The state for a checkpoint.
    @Nullable Object saved() {
      return null;
    }

    /// Takes the state from a checkpoint.
    void load(Object saved) {}

    @Override
    public void close() {
      reset();
    }
  }

  /// Losses of single batches.
  ///
  /// @param function computes the loss
  /// @param evaluation computes it in evaluation, with metrics; null for the same
  /// @param <M> the model
  /// @param <B> a batch
  record Plain<M extends Module, B>(
      LossFunction<? super M, ? super B> function,
      @Nullable EvaluationFunction<? super M, ? super B> evaluation)
      implements Objective<M, B> {
    @Override
    public Pass<B> start(M model) {
      return new Pass<B>() {
        @Override
        Tensor loss(B batch, @Nullable MetricCollection metrics) {
          return metrics == null || evaluation == null
              ? function.apply(model, batch)
              : evaluation.apply(model, batch, metrics);
        }
      };
    }
  }

  /// Losses of batches that go on where the one before has ended.
  ///
  /// @param function computes the loss
  /// @param type the state's type
  /// @param <M> the model
  /// @param <B> a batch
  /// @param <S> the state
  record Stateful<M extends Module, B, S>(
      StatefulLoss<? super M, ? super B, S> function, Class<S> type) implements Objective<M, B> {
    @Override
    public Pass<B> start(M model) {
      return new Pass<B>() {
        private @Nullable S carried;
        private @Nullable S next;

        @Override
        Tensor loss(B batch, @Nullable MetricCollection metrics) {
          StatefulLoss.Result<S> result = function.apply(model, batch, carried);
          next = result.state();
          Tensor predictions = result.predictions();
          Tensor targets = result.targets();
          if (metrics != null && predictions != null && targets != null) {
            metrics.update(predictions, targets);
          }
          return result.loss();
        }

        @Override
        void commit() {
          S state = next;
          if (state == null) return;
          S detached = TensorTrees.map(state, tensor -> tensor.detach().keep());
          reset();
          carried = detached;
        }

        @Override
        void reset() {
          TensorTrees.tensors(carried).forEach(Tensor::close);
          carried = null;
          next = null;
        }

        @Override
        @Nullable Object saved() {
          return TensorTrees.flat(carried);
        }

        @Override
        void load(Object saved) {
          carried = TensorTrees.map(TensorTrees.unflatten(saved, type), Tensor::keep);
        }
      };
    }
  }
}
