package dev.pantorch;

/// A registered hook.
///
/// ```java
/// try (HookHandle hook = w.registerHook(gradient -> gradient.mul(2))) {
///   loss.backward(); // twice the gradient
/// }
/// ```
@FunctionalInterface
public interface HookHandle extends AutoCloseable {
  /// Removes the hook. A second call does nothing.
  void remove();

  /// The same as {@link #remove}, for try-with-resources.
  @Override
  default void close() {
    remove();
  }
}
