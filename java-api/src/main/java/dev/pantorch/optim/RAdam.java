package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.CMath;
import dev.pantorch.ops.Foreach;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Rectified Adam (Liu and others 2019): as long as the running mean of the squares varies too much
/// to be divided by, steps go along the mean of the gradients alone.
///
/// $$ \begin{aligned} \rho_\infty &= \frac{2}{1 - \beta_2} - 1, \quad \rho_t = \rho_\infty -
/// \frac{2 t \beta_2^t}{1 - \beta_2^t} \\ r_t &= \sqrt{\frac{(\rho_t - 4)(\rho_t - 2)
/// \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}} \\ \theta_t &= \theta_{t-1} - \gamma
/// \frac{m_t}{1 - \beta_1^t} \begin{cases} r_t \sqrt{1 - \beta_2^t} / (\sqrt{v_t} + \epsilon) &
/// \rho_t > 5 \\ 1 & \text{otherwise} \end{cases} \end{aligned} $$
///
/// ```java
/// RAdam optimizer = new RAdam(model.parameters(), o -> o.lr(1e-3).weightDecay(1e-2).decoupledWeightDecay(true));
/// ```
///
/// **State** of a parameter: `step`, a scalar; `exp_avg` $m$ and `exp_avg_sq` $v$, of its shape.
///
/// [torch.optim.RAdam](https://docs.pytorch.org/docs/2.13/generated/torch.optim.RAdam.html)
public final class RAdam extends Optimizer<RAdam.Group> {
  /// Parameters with the options of {@link RAdam}.
  public static final class Group extends DecoupledGroup<Group> {
    private Group() {
      set("lr", 1e-3).betas(0.9, 0.999).eps(1e-8).set("weight_decay", 0).maximize(false);
      foreach(null).set("capturable", false).decoupledWeightDecay(false);
      set("differentiable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    private double rhoInf() {
      return 2 / (1 - beta(1)) - 1;
    }

    private double rho(double step) {
      double power = CMath.pow(beta(1), step);
      return rhoInf() - 2 * step * power / (1 - power);
    }

    /// The rectification, 0 while there is none.
    private double rectification(double step) {
      double rho = rho(step);
      double inf = rhoInf();
      if (!(rho > 5)) return 0;
      return CMath.pow((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho), 0.5);
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public RAdam(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public RAdam(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public RAdam(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public RAdam addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public RAdam addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    for (Batch batch : Batch.of(this, group, "RAdam does not support sparse gradients")) {
      double[] steps = batch.count();
      var moments = group.take(batch);
      if (group.hasListFormulas(batch.device())) {
        moveByFactors(group, batch.params(), moments, steps);
      } else {
        batch
            .alike(Arrays.stream(steps).boxed().toList())
            .forEach((step, part) -> move(group, part, step));
      }
    }
  }

  /// Python's formulas for single parameters.
  private static void move(Group group, Batch batch, double step) {
    List<Tensor> direction =
        Foreach.div(batch.state("exp_avg"), 1 - CMath.pow(group.beta(0), step));
    Foreach.mul_(direction, group.lr());
    double rectification = group.rectification(step);
    if (rectification > 0) {
      List<Tensor> divisor = Foreach.sqrt(batch.state("exp_avg_sq"));
      Foreach.add_(divisor, group.number("eps"));
      Foreach.reciprocal_(divisor);
      Foreach.mul_(divisor, CMath.pow(1 - CMath.pow(group.beta(1), step), 0.5));
      Foreach.mul_(direction, divisor);
      Foreach.mul_(direction, rectification);
    }
    Foreach.add_(batch.params(), direction, -1);
  }

  /// Python's formulas for lists: a factor for each element of the mean, which is the rectified one
  /// or the plain one by adding 0.
  private static void moveByFactors(
      Group group, List<Tensor> params, DecoupledGroup.Moments moments, double[] steps) {
    Number[] plain = new Number[steps.length];
    Number[] rectified = new Number[steps.length];
    for (int i = 0; i < steps.length; i++) {
      double rectification = group.rectification(steps[i]);
      double unbiased = 1 - CMath.pow(group.beta(0), steps[i]);
      plain[i] = -group.rate().times(rectification > 0 ? 0 : 1).dividedBy(unbiased).value();
      rectified[i] =
          -group
              .rate()
              .times(rectification)
              .dividedBy(unbiased)
              .times(CMath.pow(1 - CMath.pow(group.beta(1), steps[i]), 0.5))
              .value();
    }
    List<Tensor> factors = Foreach.sqrt(moments.square());
    Foreach.add_(factors, group.number("eps"));
    Foreach.div_(factors, rectified);
    Foreach.reciprocal_(factors);
    Foreach.add_(factors, plain);
    Foreach.addcmul_(params, moments.mean(), factors);
  }
}
