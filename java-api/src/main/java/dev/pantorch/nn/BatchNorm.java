package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// What batch normalisation of all dimensions has in common.
abstract class BatchNorm extends FeatureNorm {
  BatchNorm(long numFeatures, Options<?> options) {
    super(numFeatures, options);
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
