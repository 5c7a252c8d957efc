package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.CMath;
import dev.pantorch.ops.Foreach;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;

/// Adam with Nesterov's momentum (Dozat 2016), whose weight grows over the steps.
///
/// $$ \begin{aligned} \mu_t &= \beta_1 (1 - \tfrac{1}{2} 0.96^{t \psi}) \\ m_t &= \beta_1 m_{t-1} +
/// (1 - \beta_1) g_t \\ v_t &= \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 \\ \hat m_t &= \frac{\mu_{t+1}
/// m_t}{1 - \prod_{i=1}^{t+1} \mu_i} + \frac{(1 - \mu_t) g_t}{1 - \prod_{i=1}^t \mu_i} \\ \theta_t
/// &= \theta_{t-1} - \gamma \frac{\hat m_t}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon} \end{aligned}
/// $$
///
/// ```java
/// NAdam optimizer = new NAdam(model.parameters(), o -> o.lr(2e-3).momentumDecay(6e-3));
/// ```
///
/// **State** of a parameter: `step` and `mu_product` $\prod \mu_i$, scalars; `exp_avg` $m$ and
/// `exp_avg_sq` $v$, of its shape.
///
/// [torch.optim.NAdam](https://docs.pytorch.org/docs/2.13/generated/torch.optim.NAdam.html)
public final class NAdam extends Optimizer<NAdam.Group> {
  /// Parameters with the options of {@link NAdam}.
  public static final class Group extends DecoupledGroup<Group> {
    private Group() {
      set("lr", 2e-3).betas(0.9, 0.999).eps(1e-8).set("weight_decay", 0).momentumDecay(4e-3);
      decoupledWeightDecay(false).maximize(false).foreach(null);
      set("capturable", false).set("differentiable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How fast the momentum comes to its full weight.
    ///
    /// @param momentumDecay $\psi$, 4e-3 unless set
    /// @return this group
    public Group momentumDecay(double momentumDecay) {
      return set("momentum_decay", momentumDecay);
    }

    @Override
    protected void validate() {
      super.validate();
      Options.requireNotNegative(this, "momentum_decay", "momentum_decay value");
    }

    private double momentum(double step) {
      return beta(0) * (1 - 0.5 * CMath.pow(0.96, step * number("momentum_decay")));
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public NAdam(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public NAdam(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public NAdam(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public NAdam addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public NAdam addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  Set<String> scalars() {
    return Set.of("step", "mu_product");
  }

  @Override
  protected void update(Group group) {
    for (Batch batch : Batch.of(this, group, "NAdam does not support sparse gradients")) {
      update(group, batch);
    }
  }

  private static void update(Group group, Batch batch) {
    double[] steps = batch.count();
    List<Tensor> products = batch.numbers("mu_product", 1);
    var moments = group.take(batch);

    boolean lists = group.hasListFormulas(batch.device());
    Scalar rate = lists ? Scalar.of(group.lr()) : group.rate();
    Number[] momentum = new Number[steps.length];
    Number[] correction = new Number[steps.length];
    for (int i = 0; i < steps.length; i++) {
      momentum[i] = group.momentum(steps[i]);
      double unbiased = 1 - CMath.pow(group.beta(1), steps[i]);
      correction[i] = lists ? CMath.pow(unbiased, 0.5) : unbiased;
    }
    Foreach.mul_(products, momentum);
    Number[] gradientSteps = new Number[steps.length];
    Number[] meanSteps = new Number[steps.length];
    for (int i = 0; i < steps.length; i++) {
      double product = products.get(i).item();
      double next = group.momentum(steps[i] + 1);
      gradientSteps[i] = -rate.times(1 - momentum[i].doubleValue()).dividedBy(1 - product).value();
      meanSteps[i] = -rate.times(next).dividedBy(1 - product * next).value();
    }

    List<Tensor> divisor;
    if (lists) {
      divisor = Foreach.sqrt(moments.square());
      Foreach.div_(divisor, correction);
    } else {
      divisor = Foreach.div(moments.square(), correction);
      Foreach.sqrt_(divisor);
    }
    Foreach.add_(divisor, group.number("eps"));
    Foreach.addcdiv_(batch.params(), batch.grads(), divisor, gradientSteps);
    Foreach.addcdiv_(batch.params(), moments.mean(), divisor, meanSteps);
  }
}
