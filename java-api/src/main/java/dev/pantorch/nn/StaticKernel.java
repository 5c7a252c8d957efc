package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.jit.ScriptObject;
import org.jspecify.annotations.Nullable;

/// What a statically quantized layer computes: a quantized tensor of a quantized one.
@FunctionalInterface
interface StaticKernel {
  /// Computes.
  ///
  /// @param scale of the output
  /// @param zeroPoint of the output
  Tensor compute(Tensor input, double scale, long zeroPoint);

  /// Whether it has a scale and a zero point of its own, rather than its input's.
  default boolean isScaled() {
    return true;
  }

  /// The packed weights; null for a layer without.
  default @Nullable ScriptObject packed() {
    return null;
  }

  /// Packs the weights as they are now: once before the first computation.
  default void pack() {}
}
