package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.ops.Foreach;
import dev.pantorch.ops.Fused;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Stochastic gradient descent, with momentum if wanted:
///
/// $$ \begin{aligned} g_t &= \nabla_\theta f(\theta_{t-1}) + \lambda \theta_{t-1} \\ b_t &= \mu
/// b_{t-1} + (1 - \tau) g_t \quad (b_1 = g_1) \\ \theta_t &= \theta_{t-1} - \gamma b_t
/// \end{aligned} $$
///
/// with rate $\gamma$, weight decay $\lambda$, momentum $\mu$ and dampening $\tau$; Nesterov's
/// variant goes along $g_t + \mu b_t$.
///
/// ```java
/// SGD optimizer = new SGD(model.parameters(), o -> o.lr(0.1).momentum(0.9));
/// ```
///
/// **State** of a parameter: `momentum_buffer`, of its shape.
///
/// **Numbers.** See {@link Adam}: what is said there holds here.
///
/// [torch.optim.SGD](https://docs.pytorch.org/docs/2.13/generated/torch.optim.SGD.html)
public final class SGD extends Optimizer<SGD.Group> {
  private static final String BUFFER = "momentum_buffer";

  /// Parameters with the options of {@link SGD}.
  public static final class Group extends DecayGroup<Group> {
    private Group() {
      set("lr", 1e-3).set("momentum", 0).set("dampening", 0).set("weight_decay", 0);
      nesterov(false).maximize(false).foreach(null).set("differentiable", false).fused(null);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// The momentum factor.
    ///
    /// @param momentum $\mu$, 0 unless set
    /// @return this group
    public Group momentum(double momentum) {
      return set("momentum", momentum);
    }

    /// How much less of the gradient than all of it goes into the momentum.
    ///
    /// @param dampening $\tau$, 0 unless set
    /// @return this group
    public Group dampening(double dampening) {
      return set("dampening", dampening);
    }

    /// Whether the momentum is Nesterov's.
    ///
    /// @param nesterov false unless set; wants a momentum and no dampening
    /// @return this group
    public Group nesterov(boolean nesterov) {
      return set("nesterov", nesterov);
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
      Options.requireNotNegative(this, "momentum", "momentum value");
      Options.requireNotNegative(this, "weight_decay", "weight_decay value");
      if (flag("nesterov") && (number("momentum") <= 0 || number("dampening") != 0)) {
        throw new ValueException("Nesterov momentum requires a momentum and zero dampening");
      }
      Options.requireOneOf(flag("fused"), flag("foreach"));
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public SGD(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws ValueException if there are no parameters, one is no leaf or is given twice, or an
  ///   option is out of range
  public SGD(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws ValueException if there are no parameters, one is no leaf or is given twice, or an
  ///   option is out of range
  public SGD(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public SGD addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public SGD addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    for (Gradients all : Gradients.of(group)) {
      if (group.flag("fused")) {
        fused(group, all);
      } else if (Boolean.FALSE.equals(group.get("foreach"))) {
        for (Gradients one : all.single()) foreach(group, one);
      } else {
        foreach(group, all);
      }
    }
  }

  private void foreach(Group group, Gradients all) {
    double decay = group.number("weight_decay");
    double momentum = group.number("momentum");
    List<Tensor> direction = all.grads();
    if (group.flag("maximize")) direction = Foreach.neg(direction);
    if (decay != 0) direction = Foreach.add(direction, all.params(), decay);
    if (momentum != 0) {
      List<Tensor> buffers = accumulate(all.params(), direction, momentum, group);
      direction = group.flag("nesterov") ? Foreach.add(direction, buffers, momentum) : buffers;
    }
    Foreach.add_(all.params(), direction, -group.lr());
  }

  private List<Tensor> accumulate(
      List<Tensor> params, List<Tensor> direction, double momentum, Group group) {
    List<Tensor> buffers = new ArrayList<>(params.size());
    List<Tensor> old = new ArrayList<>();
    List<Tensor> oldDirection = new ArrayList<>();
    for (int i = 0; i < params.size(); i++) {
      var state = state(params.get(i));
      if (state.get(BUFFER) instanceof Tensor buffer) {
        old.add(buffer);
        oldDirection.add(direction.get(i));
        buffers.add(buffer);
      } else {
        Tensor buffer = direction.get(i).detach().clone(null).keep();
        state.put(BUFFER, buffer);
        buffers.add(buffer);
      }
    }
    if (!old.isEmpty()) {
      Foreach.mul_(old, momentum);
      Foreach.add_(old, oldDirection, 1 - group.number("dampening"));
    }
    return buffers;
  }

  private void fused(Group group, Gradients all) {
    Options.requireFusable(all);
    if (all.isSparse()) {
      throw new TorchException("`_fused_sgd` does not support sparse gradients");
    }
    if (group.number("momentum") == 0) {
      fused(group, all, List.of(), false);
      return;
    }
    // Parameters that get their first gradient begin their momentum with it.
    for (Gradients one : List.of(having(all, false), having(all, true))) {
      if (one.params().isEmpty()) continue;
      boolean first = !state(one.params().getFirst()).containsKey(BUFFER);
      fused(group, one, Batch.plain(this, one).state(BUFFER, Torch::emptyLike), first);
    }
  }

  private Gradients having(Gradients all, boolean momentum) {
    Gradients some =
        new Gradients(
            all.device(), all.dtype(), all.layout(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < all.params().size(); i++) {
      if (state(all.params().get(i)).containsKey(BUFFER) == momentum) {
        some.params().add(all.params().get(i));
        some.grads().add(all.grads().get(i));
      }
    }
    return some;
  }

  private static void fused(Group group, Gradients all, List<Tensor> buffers, boolean first) {
    Fused.sgd_(
        all.params(),
        all.grads(),
        buffers,
        group.number("weight_decay"),
        group.number("momentum"),
        group.lr(),
        group.number("dampening"),
        group.flag("nesterov"),
        group.flag("maximize"),
        first);
  }
}
