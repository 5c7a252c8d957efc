package dev.pantorch;

/// A registered hook.
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
