package dev.pantorch.internal;

import java.lang.ref.PhantomReference;

/// Frees handles once what it refers to is unreachable.
abstract sealed class Entry extends PhantomReference<Object>
    permits TensorEntry, LightGroup.Handles {
  Entry(Object referent) {
    super(referent, null);
  }

  /// How many handles are left to be freed.
  abstract int size();

  /// Whether none is left and none will come.
  abstract boolean isSpent();

  /// Moves the handles that are left into the list.
  abstract void drainTo(HandleList dead);
}
