package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import dev.pantorch.internal.OptimizerCalls;
import dev.pantorch.ops.Foreach;
import dev.pantorch.ops.Fused;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Adam (Kingma and Ba 2014): steps along a running mean of the gradient, divided by the root of a
/// running mean of its square.
///
/// $$ \begin{aligned} g_t &= \nabla_\theta f(\theta_{t-1}) + \lambda \theta_{t-1} \\ m_t &= \beta_1
/// m_{t-1} + (1 - \beta_1) g_t \\ v_t &= \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 \\ \theta_t &=
/// \theta_{t-1} - \gamma \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}
/// \end{aligned} $$
///
/// ```java
/// Adam optimizer = new Adam(model.parameters(), 1e-3);
/// Adam other = new Adam(model.parameters(), o -> o.lr(1e-3).betas(0.9, 0.98).weightDecay(1e-4));
/// ```
///
/// **State** of a parameter: `step`, a scalar; `exp_avg` $m$ and `exp_avg_sq` $v$, and with AMSGrad
/// `max_exp_avg_sq`, of its shape.
///
/// **Numbers.** On the CPU a step computes the very bits of Python's default, which calls a dozen
/// operators for each parameter. Here one native call makes the whole step where the parameters are
/// float32 and contiguous, on x86-64; otherwise, and with AMSGrad, each operation is a call for all
/// parameters. {@link Group#fused} is libtorch's own kernel and differs in the last bits, as it
/// does in Python.
///
/// [torch.optim.Adam](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adam.html)
public sealed class Adam extends Optimizer<Adam.Group> permits AdamW {
  /// Parameters with the options of {@link Adam} and {@link AdamW}.
  public static final class Group extends DecoupledGroup<Group> {
    Group() {
      set("lr", 1e-3).betas(0.9, 0.999).eps(1e-8).set("weight_decay", 0).amsgrad(false);
      maximize(false).foreach(null).set("capturable", false).set("differentiable", false);
      fused(null).decoupledWeightDecay(false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// Whether the divisor never shrinks (Reddi and others 2018).
    ///
    /// @param amsgrad false unless set
    /// @return this group
    public Group amsgrad(boolean amsgrad) {
      return set("amsgrad", amsgrad);
    }

    /// Whether one kernel does the whole step.
    ///
    /// @param fused false unless set
    /// @return this group
    public Group fused(@Nullable Boolean fused) {
      return set("fused", fused);
    }

    @Override
    protected void validate() {
      if (rate().isTensor() && flag("foreach")) {
        throw new ValueException(
            "lr as a Tensor is not supported for capturable=False and foreach=True");
      }
      super.validate();
      Options.requireOneOf(flag("fused"), flag("foreach"));
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Adam(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adam(List<Tensor> parameters, Consumer<Group> settings) {
    this(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adam(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    this(named, new Group(), settings);
  }

  Adam(List<Tensor> parameters, Group defaults, Consumer<Group> settings) {
    super(parameters, defaults, settings);
  }

  Adam(SequencedMap<String, Tensor> named, Group defaults, Consumer<Group> settings) {
    super(named, defaults, settings);
  }

  @Override
  public Adam addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Adam addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  /// The greatest squares so far, none without AMSGrad.
  private static List<Tensor> greatest(Group group, Batch batch) {
    return group.flag("amsgrad") ? batch.state("max_exp_avg_sq") : List.of();
  }

  @Override
  protected final void update(Group group) {
    String refusal = "Adam does not support sparse gradients, please consider SparseAdam instead";
    for (Gradients part : Batch.parts(group, refusal)) {
      if (group.flag("fused")) fused(group, part);
      else step(group, Batch.of(this, group, part));
    }
  }

  private static void step(Group group, Batch batch) {
    double[] steps = batch.count();
    double[] stepSizes = new double[steps.length];
    double[] corrections = new double[steps.length];
    for (int i = 0; i < steps.length; i++) {
      double unbiased = 1 - CMath.pow(group.beta(0), steps[i]);
      stepSizes[i] = -group.rate().dividedBy(unbiased).value();
      corrections[i] = CMath.pow(1 - CMath.pow(group.beta(1), steps[i]), 0.5);
    }
    group.decay(batch);
    if (group.flag("amsgrad") || !stepAtOnce(group, batch, corrections, stepSizes)) {
      stepByOperators(group, batch, corrections, stepSizes);
    }
  }

  private static boolean stepAtOnce(
      Group group, Batch batch, double[] corrections, double[] stepSizes) {
    var moments = DecoupledGroup.Moments.of(batch);
    return OptimizerCalls.adam(
        batch.params(),
        batch.grads(),
        moments.mean(),
        moments.square(),
        corrections,
        stepSizes,
        group.beta(0),
        group.beta(1),
        group.number("eps"));
  }

  private static void stepByOperators(
      Group group, Batch batch, double[] corrections, double[] stepSizes) {
    var moments = group.takeGradients(batch);
    List<Tensor> greatest = greatest(group, batch);
    if (group.flag("amsgrad")) Foreach.maximum_(greatest, moments.square());
    List<Tensor> divisor = Foreach.sqrt(group.flag("amsgrad") ? greatest : moments.square());
    Foreach.div_(divisor, boxed(corrections));
    Foreach.add_(divisor, group.number("eps"));
    Foreach.addcdiv_(batch.params(), moments.mean(), divisor, boxed(stepSizes));
  }

  private static Number[] boxed(double[] numbers) {
    return Arrays.stream(numbers).boxed().toArray(Number[]::new);
  }

  private void fused(Group group, Gradients all) {
    Options.requireFusable(all);
    Batch batch = Batch.plain(this, all);
    List<Tensor> steps = batch.stepsOnDevice();
    var moments = DecoupledGroup.Moments.of(batch);
    List<Tensor> greatest = greatest(group, batch);
    if (group.flag("decoupled_weight_decay")) {
      Fused.adamw_(
          all.params(),
          all.grads(),
          moments.mean(),
          moments.square(),
          greatest,
          steps,
          group.lr(),
          group.beta(0),
          group.beta(1),
          group.number("weight_decay"),
          group.number("eps"),
          group.flag("amsgrad"),
          group.flag("maximize"));
    } else {
      Fused.adam_(
          all.params(),
          all.grads(),
          moments.mean(),
          moments.square(),
          greatest,
          steps,
          group.lr(),
          group.beta(0),
          group.beta(1),
          group.number("weight_decay"),
          group.number("eps"),
          group.flag("amsgrad"),
          group.flag("maximize"));
    }
  }
}
