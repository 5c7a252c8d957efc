package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ops.Foreach;
import java.util.List;

/// Options of the optimizers of Adam's family whose weights may decay by themselves.
abstract class DecoupledGroup<S extends DecoupledGroup<S>> extends MomentsGroup<S> {
  /// The running means of gradients and of their squares, in lists that run beside the parameters.
  record Moments(List<Tensor> mean, List<Tensor> square) {
    static Moments of(Batch batch) {
      return new Moments(batch.state("exp_avg"), batch.state("exp_avg_sq"));
    }
  }

  /// Whether weights decay by themselves instead of through the gradient.
  ///
  /// @param decoupled false unless set, true for {@link AdamW}
  /// @return this group
  public S decoupledWeightDecay(boolean decoupled) {
    return set("decoupled_weight_decay", decoupled);
  }

  /// Lets the weights decay, and the running means take in the gradients.
  final Moments take(Batch batch) {
    decay(batch);
    return takeGradients(batch);
  }

  /// Lets the weights decay, by themselves or in the batch's gradients.
  final void decay(Batch batch) {
    if (!flag("decoupled_weight_decay")) {
      batch.decay(weightDecay());
    } else if (weightDecay() != 0) {
      Foreach.mul_(batch.params(), remaining(weightDecay()));
    }
  }

  /// Lets the running means take in the gradients.
  final Moments takeGradients(Batch batch) {
    Moments moments = Moments.of(batch);
    List<Tensor> grads = batch.grads();
    Foreach.lerp_(moments.mean, grads, 1 - beta(0));
    Foreach.mul_(moments.square, beta(1));
    Foreach.addcmul_(moments.square, grads, grads, 1 - beta(1));
    return moments;
  }
}
