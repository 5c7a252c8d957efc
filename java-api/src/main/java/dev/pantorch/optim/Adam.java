package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ops.Foreach;
import dev.pantorch.ops.Fused;
import java.util.ArrayList;
import java.util.List;
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
/// **Numbers.** Unless told otherwise, each operation runs over the list of all parameters in one
/// native call. On the CPU these calls compute the very bits of Python's default, which loops over
/// the parameters in Python. {@link Group#fused} is the fastest, and differs in the last bits, as
/// it does in Python.
///
/// [torch.optim.Adam](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adam.html)
public sealed class Adam extends Optimizer<Adam.Group> permits AdamW {
  /// Parameters with the options of {@link Adam} and {@link AdamW}.
  public static final class Group extends ParamGroup<Group> {
    Group() {
      lr(1e-3).betas(0.9, 0.999).eps(1e-8).weightDecay(0).amsgrad(false).maximize(false);
      foreach(null).set("capturable", false).set("differentiable", false).fused(null);
      decoupledWeightDecay(false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How fast the running means forget.
    ///
    /// @param beta1 that of the gradient, 0.9 unless set
    /// @param beta2 that of its square, 0.999 unless set
    /// @return this group
    public Group betas(double beta1, double beta2) {
      return set("betas", List.of(beta1, beta2));
    }

    /// What is added to the divisor.
    ///
    /// @param eps $\epsilon$, 1e-8 unless set
    /// @return this group
    public Group eps(double eps) {
      return set("eps", eps);
    }

    /// The factor of the L2 penalty, or with {@link #decoupledWeightDecay} of the decay.
    ///
    /// @param weightDecay $\lambda$, 0 unless set, 0.01 for {@link AdamW}
    /// @return this group
    public Group weightDecay(double weightDecay) {
      return set("weight_decay", weightDecay);
    }

    /// Whether the divisor never shrinks (Reddi and others 2018).
    ///
    /// @param amsgrad false unless set
    /// @return this group
    public Group amsgrad(boolean amsgrad) {
      return set("amsgrad", amsgrad);
    }

    /// Whether the function is made large instead of small.
    ///
    /// @param maximize false unless set
    /// @return this group
    public Group maximize(boolean maximize) {
      return set("maximize", maximize);
    }

    /// Whether all parameters go through each operation together; false takes them one by one,
    /// which needs less memory.
    ///
    /// @param foreach true unless set
    /// @return this group
    public Group foreach(@Nullable Boolean foreach) {
      return set("foreach", foreach);
    }

    /// Whether one kernel does the whole step.
    ///
    /// @param fused false unless set
    /// @return this group
    public Group fused(@Nullable Boolean fused) {
      return set("fused", fused);
    }

    /// Whether weights decay by themselves instead of through the gradient.
    ///
    /// @param decoupled false unless set, true for {@link AdamW}
    /// @return this group
    public Group decoupledWeightDecay(boolean decoupled) {
      return set("decoupled_weight_decay", decoupled);
    }

    private double beta(int index) {
      if (get("betas") instanceof List<?> betas
          && betas.size() == 2
          && betas.get(index) instanceof Number beta) {
        return beta.doubleValue();
      }
      throw new IllegalStateException(
          "option 'betas' of the parameter group is %s; expected two numbers"
              .formatted(get("betas")));
    }

    @Override
    protected void validate() {
      Options.requireNotNegative(lr(), "learning rate");
      Options.requireNotNegative(number("eps"), "epsilon value");
      for (int i = 0; i < 2; i++) {
        if (!(beta(i) >= 0 && beta(i) < 1)) {
          throw Options.invalid("beta parameter at index " + i, beta(i));
        }
      }
      Options.requireNotNegative(number("weight_decay"), "weight_decay value");
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

  Adam(List<Tensor> parameters, Group defaults, Consumer<Group> settings) {
    super(parameters, defaults, settings);
  }

  /// Adds parameters with options of their own.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings changes options; the others are as in the constructor
  /// @return this optimizer
  /// @throws dev.pantorch.ValueException if a parameter is no leaf or is there already, or an
  ///   option is out of range
  public Adam addParamGroup(List<Tensor> parameters, Consumer<Group> settings) {
    add(parameters, settings);
    return this;
  }

  /// The state of parameters as lists that run beside theirs.
  private record Moments(
      List<Tensor> steps, List<Tensor> mean, List<Tensor> square, List<Tensor> greatest) {}

  @Override
  protected final void update(Group group) {
    for (Gradients all : Gradients.of(group)) {
      if (all.isSparse()) {
        throw new TorchException(
            "Adam does not support sparse gradients, please consider SparseAdam instead");
      }
      if (group.flag("fused")) {
        fused(group, all);
      } else if (Boolean.FALSE.equals(group.get("foreach"))) {
        for (Gradients one : all.single()) foreach(group, one);
      } else {
        foreach(group, all);
      }
    }
  }

  private Moments moments(Group group, Gradients all) {
    Moments moments =
        new Moments(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Tensor parameter : all.params()) {
      var state = state(parameter);
      if (state.isEmpty()) {
        // Reading a number from a GPU makes the CPU wait: only fused kernels want it there.
        Device device = group.flag("fused") ? all.device() : Device.CPU;
        state.put("step", Torch.zeros(DType.FLOAT32.on(device)).keep());
        state.put("exp_avg", zerosLike(parameter));
        state.put("exp_avg_sq", zerosLike(parameter));
      }
      moments.steps.add(state.get("step"));
      moments.mean.add(state.get("exp_avg"));
      moments.square.add(state.get("exp_avg_sq"));
      if (group.flag("amsgrad")) {
        moments.greatest.add(state.computeIfAbsent("max_exp_avg_sq", name -> zerosLike(parameter)));
      }
    }
    return moments;
  }

  private static Tensor zerosLike(Tensor tensor) {
    return Torch.zerosLike(tensor).keep();
  }

  private void foreach(Group group, Gradients all) {
    Moments moments = moments(group, all);
    boolean complex = all.dtype().isComplex();
    List<Tensor> params = real(all.params(), complex);
    List<Tensor> grads = real(all.grads(), complex);
    List<Tensor> mean = real(moments.mean, complex);
    List<Tensor> square = real(moments.square, complex);
    List<Tensor> greatest = real(moments.greatest, complex);
    double lr = group.lr();
    double decay = group.number("weight_decay");

    if (group.flag("maximize")) grads = Foreach.neg(grads);
    Foreach.add_(moments.steps, 1);
    if (decay != 0) {
      if (group.flag("decoupled_weight_decay")) {
        Foreach.mul_(params, 1 - lr * decay);
      } else {
        grads = Foreach.add(grads, params, decay);
      }
    }
    Foreach.lerp_(mean, grads, 1 - group.beta(0));
    Foreach.mul_(square, group.beta(1));
    Foreach.addcmul_(square, grads, grads, 1 - group.beta(1));

    int count = params.size();
    Number[] stepSizes = new Number[count];
    Number[] correction = new Number[count];
    for (int i = 0; i < count; i++) {
      double step = moments.steps.get(i).item();
      stepSizes[i] = -(lr / (1 - Math.pow(group.beta(0), step)));
      correction[i] = Math.sqrt(1 - Math.pow(group.beta(1), step));
    }
    if (group.flag("amsgrad")) Foreach.maximum_(greatest, square);
    List<Tensor> divisor = Foreach.sqrt(group.flag("amsgrad") ? greatest : square);
    Foreach.div_(divisor, correction);
    Foreach.add_(divisor, group.number("eps"));
    Foreach.addcdiv_(params, mean, divisor, stepSizes);
  }

  private static List<Tensor> real(List<Tensor> tensors, boolean complex) {
    return complex ? tensors.stream().map(Torch::viewAsReal).toList() : tensors;
  }

  private void fused(Group group, Gradients all) {
    Options.requireFusable(all);
    Moments moments = moments(group, all);
    Foreach.add_(moments.steps, 1);
    if (group.flag("decoupled_weight_decay")) {
      Fused.adamw_(
          all.params(),
          all.grads(),
          moments.mean,
          moments.square,
          moments.greatest,
          moments.steps,
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
          moments.mean,
          moments.square,
          moments.greatest,
          moments.steps,
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
