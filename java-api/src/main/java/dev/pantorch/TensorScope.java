package dev.pantorch;

import dev.pantorch.internal.RecordComponents;
import dev.pantorch.internal.ScopeState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Frees the tensors made while it is open, all together and at once when it is closed.
///
/// ```java
/// for (int epoch = 1; epoch <= epochs; epoch++) {
///   try (var scope = TensorScope.open()) {
///     Tensor loss = criterion.forward(model.forward(x), y);
///     loss.backward();
///   } // the activations, the graph and the loss are freed here
/// }
/// ```
///
/// Scopes nest; a tensor belongs to the innermost scope that was open when it was made. To outlive
/// its scope a tensor is moved, by {@link Tensor#keep()}, {@link Tensor#moveTo}, or by being the
/// result of {@link #scope(Supplier)}. Tensors that were made outside of every scope belong to
/// none.
///
/// A scope from {@link #open} is confined to the thread that opened it, and so are its tensors:
/// that makes it nearly free. {@link #openShared} makes a scope whose tensors any thread may use,
/// and that any thread may close; closing waits for nobody: a tensor that a call is using at that
/// moment is freed when the call ends.
public final class TensorScope implements AutoCloseable {
  private final ScopeState state;

  private TensorScope(ScopeState state) {
    this.state = state;
  }

  /// Opens a scope for this thread.
  ///
  /// @return the scope, to be closed by this thread
  public static TensorScope open() {
    return new TensorScope(ScopeState.open());
  }

  /// Opens a scope whose tensors may be used by any thread. Tensors made by this thread belong to
  /// it; other threads add theirs with {@link #attach}.
  ///
  /// @return the scope
  public static TensorScope openShared() {
    return new TensorScope(ScopeState.openShared());
  }

  /// Runs a computation in a scope of its own. What it returns moves out, to the scope around it: a
  /// tensor, or the tensors within a collection, a map, an array, or a record of these.
  ///
  /// @param body the computation
  /// @param <T> the type of its result
  /// @return the result
  public static <T extends @Nullable Object> T scope(Supplier<T> body) {
    ScopeState outer = ScopeState.current();
    try (TensorScope scope = open()) {
      T result = body.get();
      for (Tensor tensor : tensorsIn(result)) {
        if (scope.contains(tensor)) tensor.moveToState(outer);
      }
      return result;
    }
  }

  /// Runs a computation without result in a scope of its own.
  ///
  /// @param body the computation
  public static void scope(Runnable body) {
    try (TensorScope scope = open()) {
      body.run();
    }
  }

  /// The tensors within a value that {@link #scope(Supplier)} moves out.
  static Collection<Tensor> tensorsIn(@Nullable Object value) {
    List<Tensor> found = new ArrayList<>();
    collect(value, found);
    return found;
  }

  private static void collect(@Nullable Object value, List<Tensor> found) {
    switch (value) {
      case null -> {}
      case Tensor tensor -> found.add(tensor);
      case Collection<?> many -> many.forEach(each -> collect(each, found));
      case Map<?, ?> map -> map.values().forEach(each -> collect(each, found));
      case Object[] array -> {
        for (Object each : array) collect(each, found);
      }
      case java.util.Optional<?> optional -> optional.ifPresent(each -> collect(each, found));
      case Record record -> {
        for (var component : record.getClass().getRecordComponents()) {
          collect(RecordComponents.read(record, component), found);
        }
      }
      default -> {}
    }
  }

  /// Takes a tensor of this scope out of it, as {@link Tensor#keep()}.
  ///
  /// @param tensor a tensor of this scope
  /// @return the same tensor
  public Tensor keep(Tensor tensor) {
    return tensor.keep();
  }

  /// Makes a tensor belong to this scope, wherever it belonged before.
  ///
  /// @param tensor a tensor that this thread may use
  /// @return the same tensor
  public Tensor attach(Tensor tensor) {
    tensor.moveToState(state);
    return tensor;
  }

  /// Whether closing this scope would free the tensor.
  ///
  /// @param tensor a tensor
  /// @return whether it belongs here
  public boolean contains(Tensor tensor) {
    return tensor.belongsTo(state);
  }

  /// How many tensors closing this scope would free.
  ///
  /// @return the number
  public int size() {
    return state.size();
  }

  /// Whether the scope has not been closed.
  ///
  /// @return whether it is open
  public boolean isOpen() {
    return state.isOpen();
  }

  /// Frees the scope's tensors, and those of scopes opened within it that were left open. A second
  /// close does nothing.
  ///
  /// @throws IllegalStateException if the scope is confined to another thread
  @Override
  public void close() {
    state.close();
  }
}
