package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.UnaryOperator;

/// A kernel whose output has the scale of its input.
record UnscaledKernel(UnaryOperator<Tensor> operator) implements StaticKernel {
  @Override
  public Tensor compute(Tensor input, double scale, long zeroPoint) {
    return operator.apply(input);
  }

  @Override
  public boolean isScaled() {
    return false;
  }
}
