package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import org.jspecify.annotations.Nullable;

/// Checks that several optimizers make, with Python's texts.
final class Options {
  private Options() {}

  static void requireNotNegative(Scalar rate, String what) {
    if (!(rate.value() >= 0)) throw invalid(what, rate.value());
  }

  static void requireNotNegative(ParamGroup<?> group, String name, String what) {
    if (!(group.number(name) >= 0)) throw invalid(what, group.get(name));
  }

  static void requireBetas(ParamGroup<?> group) {
    for (int i = 0; i < 2; i++) {
      double beta = group.number("betas", i);
      if (!(beta >= 0 && beta < 1)) throw invalid("beta parameter at index " + i, beta);
    }
  }

  static ValueException invalid(String what, @Nullable Object value) {
    return new ValueException("Invalid " + what + ": " + text(value));
  }

  static String text(@Nullable Object value) {
    return value instanceof Number number ? PythonText.scalar(number) : String.valueOf(value);
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

  static void refuseComplex(Tensor parameter, String optimizer) {
    if (parameter.dtype().isComplex()) {
      throw new TorchException(optimizer + " does not support complex parameters");
    }
  }

  /// What numbers in a state dict are stored as: Python's `_get_scalar_dtype()`.
  static DType scalarDtype() {
    return dev.pantorch.Torch.getDefaultDtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
  }
}
