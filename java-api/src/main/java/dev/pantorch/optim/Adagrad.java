package dev.pantorch.optim;

import dev.pantorch.Complex;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ops.Foreach;
import dev.pantorch.ops.Fused;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Adagrad (Duchi and others 2011): gradients divided by the root of the sum of all their squares,
/// so that rare features keep a large rate. Takes sparse gradients.
///
/// $$ \begin{aligned} \gamma_t &= \frac{\gamma}{1 + (t - 1) \eta} \\ s_t &= s_{t-1} + g_t^2 \\
/// \theta_t &= \theta_{t-1} - \gamma_t \frac{g_t}{\sqrt{s_t} + \epsilon} \end{aligned} $$
///
/// ```java
/// Adagrad optimizer = new Adagrad(model.parameters(), o -> o.lr(1e-2).lrDecay(1e-4));
/// ```
///
/// **State** of a parameter, there from the beginning: `step`, a scalar; `sum` $s$, of its shape.
///
/// [torch.optim.Adagrad](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adagrad.html)
public final class Adagrad extends Optimizer<Adagrad.Group> {
  /// Parameters with the options of {@link Adagrad}.
  public static final class Group extends DecayGroup<Group> {
    private Group() {
      set("lr", 1e-2).set("lr_decay", 0).eps(1e-10).set("weight_decay", 0);
      set("initial_accumulator_value", 0).foreach(null).maximize(false);
      set("differentiable", false).fused(null);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How fast the rate decreases.
    ///
    /// @param lrDecay $\eta$, 0 unless set
    /// @return this group
    public Group lrDecay(double lrDecay) {
      return set("lr_decay", lrDecay);
    }

    /// What the sums of squares begin with.
    ///
    /// @param value $s_0$, 0 unless set
    /// @return this group
    public Group initialAccumulatorValue(double value) {
      return set("initial_accumulator_value", value);
    }

    /// What is added to the divisor.
    ///
    /// @param eps $\epsilon$, 1e-10 unless set
    /// @return this group
    public Group eps(double eps) {
      return set("eps", eps);
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
      Options.requireNotNegative(rate(), "learning rate");
      for (String name : List.of("lr_decay", "weight_decay", "initial_accumulator_value")) {
        Options.requireNotNegative(this, name, name + " value");
      }
      Options.requireNotNegative(this, "eps", "epsilon value");
      Options.requireOneOf(flag("fused"), flag("foreach"));
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Adagrad(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adagrad(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
    begin();
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adagrad(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
    begin();
  }

  @Override
  public Adagrad addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Adagrad addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  private void begin() {
    try (var mode = Torch.noGrad()) {
      for (Group group : paramGroups()) {
        for (Tensor parameter : group.params()) {
          Gradients one =
              new Gradients(
                  parameter.device(),
                  parameter.dtype(),
                  Layout.STRIDED,
                  List.of(parameter),
                  List.of());
          Batch batch = Batch.plain(this, one);
          if (group.flag("fused")) batch.stepStateOnDevice();
          else batch.numbers("step", 0);
          sums(group, batch);
        }
      }
    }
  }

  private static List<Tensor> sums(Group group, Batch batch) {
    double first = group.number("initial_accumulator_value");
    return batch.state(
        "sum", p -> Torch.fullLike(p, p.dtype().isComplex() ? new Complex(first, first) : first));
  }

  @Override
  protected void update(Group group) {
    for (Gradients all : Gradients.of(group)) {
      if (group.flag("fused")) {
        fused(group, all);
      } else if (all.isSparse()) {
        for (Gradients one : all.single()) sparse(group, Batch.of(this, group, one));
      } else if (Boolean.FALSE.equals(group.get("foreach"))) {
        for (Gradients one : all.single()) dense(group, Batch.of(this, group, one));
      } else {
        dense(group, Batch.of(this, group, all));
      }
    }
  }

  private static Scalar rate(Group group, double step) {
    return group.rate().dividedBy(1 + (step - 1) * group.number("lr_decay"));
  }

  private static void dense(Group group, Batch batch) {
    double[] steps = batch.count();
    Number[] rates = new Number[steps.length];
    for (int i = 0; i < steps.length; i++) rates[i] = -rate(group, steps[i]).value();
    List<Tensor> sums = sums(group, batch);
    batch.decay(group.weightDecay());
    Foreach.addcmul_(sums, batch.grads(), batch.grads(), 1);
    List<Tensor> divisor = Foreach.sqrt(sums);
    Foreach.add_(divisor, group.number("eps"));
    if (group.hasListFormulas(batch.device())) {
      Foreach.addcdiv_(batch.params(), Foreach.mul(batch.grads(), rates), divisor);
    } else {
      Foreach.addcdiv_(batch.params(), batch.grads(), divisor, rates);
    }
  }

  private static void sparse(Group group, Batch batch) {
    double rate = rate(group, batch.count()[0]).value();
    if (group.weightDecay() != 0) {
      throw new TorchException("weight_decay option is not compatible with sparse gradients");
    }
    Tensor sum = sums(group, batch).getFirst();
    SparseGradient gradient = new SparseGradient(batch.grads().getFirst());
    sum.add_(gradient.with(gradient.values().pow(2)));
    Tensor divisor = gradient.of(sum).sqrt_().add_(group.number("eps"));
    batch.params().getFirst().add_(gradient.with(gradient.values().div(divisor)), -rate);
  }

  private void fused(Group group, Gradients all) {
    Options.requireFusable(all);
    if (all.isSparse()) {
      throw new TorchException("`fused` does not support sparse grad or complex param");
    }
    Batch batch = Batch.plain(this, all);
    Fused.adagrad_(
        all.params(),
        all.grads(),
        sums(group, batch),
        batch.stepsOnDevice(),
        group.lr(),
        group.number("lr_decay"),
        group.weightDecay(),
        group.number("eps"),
        group.flag("maximize"));
  }
}
