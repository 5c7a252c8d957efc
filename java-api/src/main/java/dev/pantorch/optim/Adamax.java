package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.CMath;
import dev.pantorch.ops.Foreach;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Adam with the greatest gradient in place of the mean square (Kingma and Ba 2014, section 7).
///
/// $$ \begin{aligned} m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g_t \\ u_t &= \max(\beta_2 u_{t-1},
/// |g_t| + \epsilon) \\ \theta_t &= \theta_{t-1} - \frac{\gamma}{1 - \beta_1^t} \frac{m_t}{u_t}
/// \end{aligned} $$
///
/// ```java
/// Adamax optimizer = new Adamax(model.parameters(), o -> o.lr(2e-3).betas(0.9, 0.99));
/// ```
///
/// **State** of a parameter: `step`, a scalar; `exp_avg` $m$ and `exp_inf` $u$, of its shape.
///
/// [torch.optim.Adamax](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adamax.html)
public final class Adamax extends Optimizer<Adamax.Group> {
  /// Parameters with the options of {@link Adamax}.
  public static final class Group extends MomentsGroup<Group> {
    private Group() {
      set("lr", 2e-3).betas(0.9, 0.999).eps(1e-8).set("weight_decay", 0).foreach(null);
      maximize(false).set("differentiable", false).set("capturable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Adamax(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adamax(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adamax(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public Adamax addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Adamax addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    for (Batch batch : Batch.of(this, group, "Adamax does not support sparse gradients")) {
      double[] steps = batch.count();
      List<Tensor> mean = batch.state("exp_avg");
      List<Tensor> greatest = batch.state("exp_inf");
      batch.decay(group.weightDecay());

      Foreach.lerp_(mean, batch.grads(), 1 - group.beta(0));
      Foreach.mul_(greatest, group.beta(1));
      List<Tensor> size = Foreach.abs(batch.grads());
      Foreach.add_(size, group.number("eps"));
      Foreach.maximum_(greatest, size);

      Scalar rate = group.hasListFormulas(batch.device()) ? Scalar.of(group.lr()) : group.rate();
      Number[] stepSizes = new Number[steps.length];
      for (int i = 0; i < steps.length; i++) {
        stepSizes[i] = -rate.dividedBy(1 - CMath.pow(group.beta(0), steps[i])).value();
      }
      Foreach.addcdiv_(batch.params(), mean, greatest, stepSizes);
    }
  }
}
