package dev.pantorch;

import dev.pantorch.internal.ScopeState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A result that one thread prepares for another.
///
/// ```java
/// Handover<Tensor> prepared = Handover.of(() -> Torch.randn(32, 5)); // in a worker
/// try (TensorScope scope = TensorScope.open()) {
///   Tensor batch = prepared.take(); // in the caller: belongs to this scope
/// }
/// ```
///
/// Until it is taken its tensors belong to no scope, and {@link #close} frees them.
///
/// @param <T> the type of the result
public final class Handover<T extends @Nullable Object> implements AutoCloseable {
  private final T value;
  private final List<Tensor> made;

  private Handover(T value, List<Tensor> made) {
    this.value = value;
    this.made = made;
  }

  /// Runs a computation in a scope of its own, as {@link TensorScope#scope(Supplier)}: what it
  /// makes on the way is freed, the tensors of its result are not.
  ///
  /// @param body the computation
  /// @param <T> the type of its result
  /// @return the result, to be taken
  public static <T extends @Nullable Object> Handover<T> of(Supplier<T> body) {
    try (TensorScope scope = TensorScope.open()) {
      T value = body.get();
      var made = new ArrayList<Tensor>();
      for (Tensor tensor : TensorScope.tensorsIn(value)) {
        if (scope.contains(tensor)) made.add(tensor.keep());
      }
      return new Handover<>(value, made);
    }
  }

  /// The result, which stays the handover's.
  ///
  /// @return what the computation returned
  public T peek() {
    return value;
  }

  /// Takes the result: tensors that were made for it belong to the innermost open scope of the
  /// calling thread from now on, as if it had made them, or to none.
  ///
  /// @return what the computation returned
  public T take() {
    ScopeState current = ScopeState.current();
    if (current != null) made.forEach(tensor -> tensor.moveToState(current));
    made.clear();
    return value;
  }

  /// Frees what was made for the result, unless it was taken.
  @Override
  public void close() {
    made.forEach(Tensor::close);
    made.clear();
  }
}
