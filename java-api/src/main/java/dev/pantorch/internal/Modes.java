package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;

/// The bits of a mode word (`PT_MODE_*`).
public final class Modes {
  private static final long NO_GRAD = pantorch_h.PT_MODE_NO_GRAD();
  private static final long INFERENCE = pantorch_h.PT_MODE_INFERENCE();

  private static final long SAVED_TENSOR_HOOKS = pantorch_h.PT_MODE_SAVED_TENSOR_HOOKS();

  private Modes() {}

  public static long withGrad(long word, boolean enabled) {
    return enabled ? word & ~NO_GRAD : word | NO_GRAD;
  }

  /// Inference mode switches gradients with it, both ways, as in PyTorch.
  public static long withInference(long word, boolean enabled) {
    return enabled ? word | INFERENCE | NO_GRAD : word & ~(INFERENCE | NO_GRAD);
  }

  static long withSavedTensorHooks(long word, boolean any) {
    return any ? word | SAVED_TENSOR_HOOKS : word & ~SAVED_TENSOR_HOOKS;
  }

  public static boolean gradEnabled(long word) {
    return (word & NO_GRAD) == 0;
  }

  public static boolean inference(long word) {
    return (word & INFERENCE) != 0;
  }
}
