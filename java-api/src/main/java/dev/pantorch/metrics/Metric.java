package dev.pantorch.metrics;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A figure over all batches since the last {@link #reset()}.
///
/// ```java
/// Metric accuracy = new Accuracy(10);
/// for (Example batch : loader) accuracy.update(model.forward(batch.input()), batch.target());
/// double figure = accuracy.compute();
/// ```
public interface Metric {
  /// Adds a batch of which everything counts.
  ///
  /// @param predictions what the model says
  /// @param targets what is true
  default void update(Tensor predictions, Tensor targets) {
    update(predictions, targets, null);
  }

  /// Adds a batch.
  ///
  /// @param predictions what the model says
  /// @param targets what is true
  /// @param mask `bool`, in the targets' shape: what counts; null for everything
  /// @throws dev.pantorch.ShapeException if the shapes do not fit
  void update(Tensor predictions, Tensor targets, @Nullable Tensor mask);

  /// The figure over all batches so far.
  ///
  /// @return the figure; `NaN` if nothing has been counted
  double compute();

  /// Forgets all batches.
  void reset();
}
