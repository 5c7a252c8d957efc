package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ops.Foreach;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// RMSprop (Hinton 2012): gradients divided by the root of a running mean of their squares, or of
/// their variance.
///
/// $$ \begin{aligned} v_t &= \alpha v_{t-1} + (1 - \alpha) g_t^2 \\ \theta_t &= \theta_{t-1} -
/// \gamma \frac{g_t}{\sqrt{v_t} + \epsilon} \end{aligned} $$
///
/// ```java
/// RMSprop optimizer = new RMSprop(model.parameters(), o -> o.lr(1e-3).alpha(0.9).momentum(0.9));
/// ```
///
/// **State** of a parameter: `step`, a scalar; `square_avg` $v$, with momentum `momentum_buffer`,
/// and centered `grad_avg`, of its shape.
///
/// [torch.optim.RMSprop](https://docs.pytorch.org/docs/2.13/generated/torch.optim.RMSprop.html)
public final class RMSprop extends Optimizer<RMSprop.Group> {
  /// Parameters with the options of {@link RMSprop}.
  public static final class Group extends DecayGroup<Group> {
    private Group() {
      set("lr", 1e-2).set("momentum", 0).alpha(0.99).eps(1e-8).centered(false);
      set("weight_decay", 0).set("capturable", false).foreach(null).maximize(false);
      set("differentiable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How slowly the running means forget.
    ///
    /// @param alpha $\alpha$, 0.99 unless set
    /// @return this group
    public Group alpha(double alpha) {
      return set("alpha", alpha);
    }

    /// What is added to the divisor.
    ///
    /// @param eps $\epsilon$, 1e-8 unless set
    /// @return this group
    public Group eps(double eps) {
      return set("eps", eps);
    }

    /// The momentum factor.
    ///
    /// @param momentum 0 unless set
    /// @return this group
    public Group momentum(double momentum) {
      return set("momentum", momentum);
    }

    /// Whether the variance is divided by: the mean of the squares less the square of the mean.
    ///
    /// @param centered false unless set
    /// @return this group
    public Group centered(boolean centered) {
      return set("centered", centered);
    }

    @Override
    protected void validate() {
      Options.requireNotNegative(rate(), "learning rate");
      Options.requireNotNegative(this, "eps", "epsilon value");
      Options.requireNotNegative(this, "momentum", "momentum value");
      Options.requireNotNegative(this, "weight_decay", "weight_decay value");
      Options.requireNotNegative(this, "alpha", "alpha value");
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public RMSprop(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public RMSprop(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public RMSprop(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public RMSprop addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public RMSprop addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    double alpha = group.number("alpha");
    double momentum = group.number("momentum");
    for (Batch batch : Batch.of(this, group, "RMSprop does not support sparse gradients")) {
      batch.steps();
      List<Tensor> square = batch.state("square_avg");
      List<Tensor> buffers = momentum > 0 ? batch.state("momentum_buffer") : List.of();
      List<Tensor> mean = group.flag("centered") ? batch.state("grad_avg") : List.of();
      batch.decay(group.weightDecay());
      List<Tensor> grads = batch.grads();

      Foreach.mul_(square, alpha);
      Foreach.addcmul_(square, grads, grads, 1 - alpha);
      List<Tensor> divisor;
      if (group.flag("centered")) {
        Foreach.lerp_(mean, grads, 1 - alpha);
        divisor = Foreach.addcmul(square, mean, mean, -1);
        Foreach.sqrt_(divisor);
      } else {
        divisor = Foreach.sqrt(square);
      }
      Foreach.add_(divisor, group.number("eps"));
      if (momentum > 0) {
        Foreach.mul_(buffers, momentum);
        Foreach.addcdiv_(buffers, grads, divisor);
        Foreach.add_(batch.params(), buffers, -group.lr());
      } else {
        Foreach.addcdiv_(batch.params(), grads, divisor, -group.lr());
      }
    }
  }
}
