package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;

/// What instance normalisation of all dimensions has in common.
abstract class InstanceNorm extends FeatureNorm {

  private final int dimensions;

  InstanceNorm(int dimensions, long numFeatures, Options<?> options) {
    super(numFeatures, options);
    this.dimensions = dimensions;
  }

  @Override
  final void checkDimensions(long given) {
    require(
        given == dimensions + 1 || given == dimensions + 2,
        "%dD or %dD".formatted(dimensions + 1, dimensions + 2),
        given);
  }

  @Override
  final Tensor normalize(Tensor input) {
    boolean single = input.dim() == dimensions + 1;
    int channels = single ? 0 : 1;
    long size = input.size(channels);
    if (size != numFeatures) {
      if (affine) {
        throw new ValueException(
            "expected input's size at dim=%d to match num_features (%d), but got: %d."
                .formatted(channels, numFeatures, size));
      }
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "input's size at dim={0} does not match num_features. The number is not used because"
              + " affine=False",
          channels);
    }
    return single ? apply(input.unsqueeze(0)).squeeze(0) : apply(input);
  }

  @Override
  final StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::instance_norm");
    return (x, scale, zeroPoint) -> operator.callTensor(x, weight(), bias(), eps, scale, zeroPoint);
  }

  private Tensor apply(Tensor input) {
    Double factor = momentum;
    return Functional.instanceNorm(
        input,
        running == null ? null : running.mean(),
        running == null ? null : running.var(),
        weight(),
        bias(),
        isTraining() || running == null,
        factor == null ? 0 : factor,
        eps);
  }
}
