package dev.pantorch.internal;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The entry of one tensor.
final class TensorEntry extends Entry implements HandleHolder {
  // 0 once it was freed otherwise.
  private long handle;

  /// The shared scope that the tensor belongs to.
  @Nullable ScopeState scope;

  private TensorEntry(Tensor referent, long handle) {
    super(referent);
    this.handle = handle;
  }

  /// An entry that owns the tensor.
  static TensorEntry of(Tensor tensor) {
    NativeTensor state = tensor;
    TensorEntry entry = new TensorEntry(tensor, state.handle);
    state.owner = entry;
    return entry;
  }

  @Override
  public long take(NativeTensor tensor) {
    long taken = handle;
    handle = 0;
    return taken;
  }

  @Override
  int size() {
    return handle == 0 ? 0 : 1;
  }

  @Override
  boolean isSpent() {
    return handle == 0;
  }

  @Override
  void drainTo(HandleList dead) {
    if (handle != 0) dead.add(handle);
    handle = 0;
  }
}
