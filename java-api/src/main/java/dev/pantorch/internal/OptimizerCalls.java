package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.util.List;

/// Steps that one call makes for all parameters (`pantorch/optim.h`).
public final class OptimizerCalls {
  private OptimizerCalls() {}

  /// Makes a step of Adam, to the bit of the operators.
  ///
  /// @return false, with nothing done, where the tensors are not such as it is made for
  public static boolean adam(
      List<Tensor> params,
      List<Tensor> grads,
      List<Tensor> means,
      List<Tensor> squares,
      double[] corrections,
      double[] stepSizes,
      double beta1,
      double beta2,
      double eps) {
    CallFrame f = CallFrame.enter();
    try {
      f.changedTensors(0, params);
      f.tensors(2, grads);
      f.changedTensors(4, means);
      f.changedTensors(6, squares);
      f.float64s(8, corrections);
      f.float64s(10, stepSizes);
      f.float64(12, beta1);
      f.float64(13, beta2);
      f.float64(14, eps);
      NativeErrors.check(pantorch_h.pt_adam_step(f.packet()));
      return f.boolResult(0);
    } finally {
      f.exit();
    }
  }
}
