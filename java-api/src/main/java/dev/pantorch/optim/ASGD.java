package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;

/// Averaged stochastic gradient descent (Polyak and Juditsky 1992): plain descent with a rate that
/// decreases, and beside it the average of the weights it has come along.
///
/// $$ \begin{aligned} \theta_t &= (1 - \lambda \eta_{t-1}) \theta_{t-1} - \eta_{t-1} g_t \\ a_t &=
/// a_{t-1} + \mu_{t-1} (\theta_t - a_{t-1}) \\ \eta_t &= \frac{\gamma}{(1 + \lambda \gamma
/// t)^\alpha}, \quad \mu_t = \frac{1}{\max(1, t - t_0)} \end{aligned} $$
///
/// ```java
/// ASGD optimizer = new ASGD(model.parameters(), o -> o.lr(1e-2).t0(1000));
/// ```
///
/// **State** of a parameter: `step`, `eta` and `mu`, scalars; `ax`, the average, of its shape.
///
/// [torch.optim.ASGD](https://docs.pytorch.org/docs/2.13/generated/torch.optim.ASGD.html)
public final class ASGD extends Optimizer<ASGD.Group> {
  /// Parameters with the options of {@link ASGD}.
  public static final class Group extends DecayGroup<Group> {
    private Group() {
      set("lr", 1e-2).lambd(1e-4).alpha(0.75).t0(1e6).set("weight_decay", 0).foreach(null);
      maximize(false).set("differentiable", false).set("capturable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How fast weights decay and the rate decreases.
    ///
    /// @param lambd $\lambda$, 1e-4 unless set
    /// @return this group
    public Group lambd(double lambd) {
      return set("lambd", lambd);
    }

    /// The power with which the rate decreases.
    ///
    /// @param alpha $\alpha$, 0.75 unless set
    /// @return this group
    public Group alpha(double alpha) {
      return set("alpha", alpha);
    }

    /// The step at which averaging begins.
    ///
    /// @param t0 $t_0$, 1e6 unless set
    /// @return this group
    public Group t0(double t0) {
      return set("t0", t0);
    }

    @Override
    protected void validate() {
      Options.requireNotNegative(rate(), "learning rate");
      Options.requireNotNegative(this, "weight_decay", "weight_decay value");
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public ASGD(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public ASGD(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public ASGD(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public ASGD addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public ASGD addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  Set<String> scalars() {
    return Set.of("step", "eta", "mu");
  }

  /// The rate and the weight of an average, by which parameters move alike.
  private record Pace(double step, double eta, double mu) {}

  @Override
  protected void update(Group group) {
    for (Batch batch : Batch.of(this, group, "ASGD does not support sparse gradients")) {
      List<Tensor> steps = batch.steps();
      List<Tensor> etas = batch.numbersOnDevice("eta", group.lr());
      List<Tensor> mus = batch.numbersOnDevice("mu", 1);
      List<Tensor> averages = batch.state("ax");
      batch.decay(group.weightDecay());
      if (group.hasListFormulas(batch.device())) {
        moveTogether(group, batch, averages);
        paceInTensors(group, steps, etas);
      } else {
        List<Pace> paces = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
          paces.add(new Pace(steps.get(i).item(), etas.get(i).item(), mus.get(i).item()));
        }
        batch.alike(paces).forEach((pace, part) -> move(group, part, pace));
      }
      for (int i = 0; i < batch.size(); i++) {
        mus.get(i).fill_(1 / Math.max(1, steps.get(i).item() - group.number("t0")));
      }
    }
  }

  /// Python's formulas for single parameters.
  private static void move(Group group, Batch batch, Pace pace) {
    double lambd = group.number("lambd");
    List<Tensor> averages = batch.state("ax");
    Foreach.mul_(batch.params(), 1 - lambd * pace.eta);
    Foreach.add_(batch.params(), batch.grads(), -pace.eta);
    if (pace.mu == 1) {
      Foreach.copy_(averages, batch.params());
    } else {
      List<Tensor> way = Foreach.sub(batch.params(), averages);
      Foreach.mul_(way, pace.mu);
      Foreach.add_(averages, way, 1);
    }
    Scalar decreased = group.rate().times(lambd).times(pace.step).plus(Scalar.of(1));
    double eta = group.rate().dividedBy(decreased.power(group.number("alpha"))).value();
    for (Tensor each : batch.numbersOnDevice("eta", eta)) each.fill_(eta);
  }

  /// Python's formulas for lists.
  private static void moveTogether(Group group, Batch batch, List<Tensor> averages) {
    List<Tensor> direction = Foreach.add(batch.grads(), batch.params(), group.number("lambd"));
    Foreach.addcmul_(batch.params(), direction, batch.numbersOnDevice("eta", group.lr()), -1);
    List<Tensor> way = Foreach.sub(batch.params(), averages);
    Foreach.addcmul_(averages, way, batch.numbersOnDevice("mu", 1));
  }

  /// For lists Python computes the rate in the dtype of the step.
  private static void paceInTensors(Group group, List<Tensor> steps, List<Tensor> etas) {
    List<Tensor> decreased = Foreach.mul(steps, group.rate().times(group.number("lambd")).value());
    Foreach.add_(decreased, 1);
    Foreach.pow_(decreased, group.number("alpha"));
    Foreach.reciprocal_(decreased);
    Foreach.mul_(decreased, group.lr());
    Foreach.copy_(etas, decreased);
  }
}
