package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.jit.ScriptObject;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An operator that takes packed weights.
final class PackedKernel implements StaticKernel {
  private final Supplier<ScriptObject> packer;
  private final Operator operator;
  private final UnaryOperator<Tensor> before;
  private @Nullable ScriptObject packed;

  /// @param operator takes the input, the packed weights, the scale and the zero point
  /// @param before what is done with an input first
  PackedKernel(Supplier<ScriptObject> packer, String operator, UnaryOperator<Tensor> before) {
    this.packer = packer;
    this.operator = Torch.op(operator);
    this.before = before;
  }

  @Override
  public Tensor compute(Tensor input, double scale, long zeroPoint) {
    return operator.callTensor(before.apply(input), packed, scale, zeroPoint);
  }

  @Override
  public @Nullable ScriptObject packed() {
    return packed;
  }

  @Override
  public void pack() {
    packed = packer.get();
  }
}
