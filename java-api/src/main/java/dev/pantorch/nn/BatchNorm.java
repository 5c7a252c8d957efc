package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import org.jspecify.annotations.Nullable;

/// What batch normalisation of all dimensions has in common.
public abstract class BatchNorm extends FeatureNorm {
  BatchNorm(long numFeatures, Options<?> options) {
    super(numFeatures, options);
  }

  /// The weight of a new batch in the running averages.
  ///
  /// @return the weight, null for the plain average of all batches so far
  public final @Nullable Double momentum() {
    return momentum;
  }

  /// Sets the weight of a new batch in the running averages.
  ///
  /// @param momentum the weight, null for the plain average of all batches so far
  public final void momentum(@Nullable Double momentum) {
    this.momentum = momentum;
  }

  @Override
  final @Nullable StaticKernel staticKernel(boolean relu) {
    if (this instanceof BatchNorm1d) return null;
    String name = "quantized::batch_norm" + (this instanceof BatchNorm2d ? "2d" : "3d");
    Operator operator = Torch.op(relu ? name + "_relu" : name);
    Running statistics = running;
    if (statistics == null) {
      throw new ValueException(
          "%s without running statistics cannot be quantized".formatted(simpleName()));
    }
    return (x, scale, zeroPoint) ->
        operator.callTensor(
            x, weight(), bias(), statistics.mean(), statistics.var(), eps, scale, zeroPoint);
  }

  @Override
  final Tensor normalize(Tensor input) {
    boolean training = isTraining();
    Double fixed = momentum;
    double factor = fixed == null ? 0 : fixed;
    if (training && running != null) {
      running.batches().add_(1);
      if (fixed == null) factor = 1 / running.batches().item();
    }
    return Functional.batchNorm(
        input,
        running == null ? null : running.mean(),
        running == null ? null : running.var(),
        weight(),
        bias(),
        training || running == null,
        factor,
        eps);
  }
}
