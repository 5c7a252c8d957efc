package dev.pantorch.optim;

import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;

/// Checks that several optimizers make, with Python's texts.
final class Options {
  private Options() {}

  static void requireNotNegative(double value, String what) {
    if (!(value >= 0)) throw invalid(what, value);
  }

  static ValueException invalid(String what, double value) {
    return new ValueException("Invalid " + what + ": " + PythonText.number(value));
  }

  static void requireOneOf(boolean fused, boolean foreach) {
    if (fused && foreach) {
      throw new ValueException("`fused` and `foreach` cannot be `True` together.");
    }
  }

  static void requireFusable(Gradients all) {
    if (!all.dtype().isFloatingPoint()) {
      throw new TorchException(
          "`fused=True` requires all the params to be floating point Tensors of supported devices, but found %s and %s"
              .formatted(all.dtype(), all.device()));
    }
  }
}
