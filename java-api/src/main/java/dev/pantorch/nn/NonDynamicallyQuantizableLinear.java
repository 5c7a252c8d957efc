package dev.pantorch.nn;

import dev.pantorch.DType;
import java.util.function.Consumer;

/// The last layer of {@link MultiheadAttention}, which its fast path reads the weights of: a linear
/// one that dynamic quantization must leave alone. It prints under this name, as in Python.
final class NonDynamicallyQuantizableLinear extends Linear {
  NonDynamicallyQuantizableLinear(
      long inFeatures, long outFeatures, Consumer<Linear.Options> settings) {
    super(inFeatures, outFeatures, settings);
  }

  @Override
  boolean isQuantizable(DType dtype) {
    return false;
  }
}
