package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.ops.Foreach;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Adadelta (Zeiler 2012): each step is the gradient times the ratio of two running roots of mean
/// squares, that of the steps and that of the gradients, so that no rate needs to be found.
///
/// $$ \begin{aligned} v_t &= \rho v_{t-1} + (1 - \rho) g_t^2 \\ \Delta_t &= \frac{\sqrt{u_{t-1}
/// + \epsilon}}{\sqrt{v_t + \epsilon}} g_t \\ u_t &= \rho u_{t-1} + (1 - \rho) \Delta_t^2 \\
///   \theta_t &= \theta_{t-1} - \gamma \Delta_t \end{aligned} $$
///
/// ```java
/// Adadelta optimizer = new Adadelta(model.parameters(), o -> o.rho(0.95));
/// ```
///
/// **State** of a parameter: `step`, a scalar; `square_avg` $v$ and `acc_delta` $u$, of its shape.
///
/// [torch.optim.Adadelta](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adadelta.html)
public final class Adadelta extends Optimizer<Adadelta.Group> {
  /// Parameters with the options of {@link Adadelta}.
  public static final class Group extends DecayGroup<Group> {
    private Group() {
      set("lr", 1.0).rho(0.9).eps(1e-6).set("weight_decay", 0).maximize(false);
      set("capturable", false).foreach(null).set("differentiable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How slowly the running means forget.
    ///
    /// @param rho $\rho$, 0 to 1, 0.9 unless set
    /// @return this group
    public Group rho(double rho) {
      return set("rho", rho);
    }

    /// What is added under the roots.
    ///
    /// @param eps $\epsilon$, 1e-6 unless set
    /// @return this group
    public Group eps(double eps) {
      return set("eps", eps);
    }

    @Override
    protected void validate() {
      Options.requireNotNegative(rate(), "learning rate");
      double rho = number("rho");
      if (!(rho >= 0 && rho <= 1)) throw Options.invalid("rho value", rho);
      Options.requireNotNegative(this, "eps", "epsilon value");
      Options.requireNotNegative(this, "weight_decay", "weight_decay value");
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Adadelta(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adadelta(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adadelta(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public Adadelta addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Adadelta addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    double rho = group.number("rho");
    double eps = group.number("eps");
    for (Batch batch : Batch.of(this, group, "Adadelta does not support sparse gradients")) {
      batch.steps();
      List<Tensor> square = batch.state("square_avg");
      List<Tensor> moved = batch.state("acc_delta");
      batch.decay(group.weightDecay());

      Foreach.mul_(square, rho);
      Foreach.addcmul_(square, batch.grads(), batch.grads(), 1 - rho);
      List<Tensor> divisor = Foreach.add(square, eps);
      Foreach.sqrt_(divisor);
      List<Tensor> delta = Foreach.add(moved, eps);
      Foreach.sqrt_(delta);
      Foreach.div_(delta, divisor);
      Foreach.mul_(delta, batch.grads());
      Foreach.mul_(moved, rho);
      Foreach.addcmul_(moved, delta, delta, 1 - rho);
      Foreach.add_(batch.params(), delta, -group.lr());
    }
  }
}
