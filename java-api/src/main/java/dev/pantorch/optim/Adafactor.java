package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Adafactor (Shazeer and Stern 2018): of the running mean square of a matrix's gradient only the
/// means of rows and columns are kept, so that the state of a large model is small.
///
/// $$ \begin{aligned} \hat\beta_t &= 1 - t^\tau, \quad \rho_t = \min(\gamma, t^{-1/2}), \quad
/// \alpha_t = \max(\epsilon_2, \mathrm{RMS}(\theta_{t-1})) \rho_t \\ R_t &= \hat\beta_t R_{t-1} +
/// (1 - \hat\beta_t) \mathrm{mean}_{columns}(g_t^2), \quad C_t \text{ likewise over rows} \\ U_t &=
/// g_t / \sqrt{\max(R_t C_t / \max(\mathrm{mean}(R_t), \epsilon_1), \epsilon_1^2)} \\ \theta_t &=
/// (1 - \gamma \lambda) \theta_{t-1} - \alpha_t U_t / \max(1, \mathrm{RMS}(U_t) / d) \end{aligned}
/// $$
///
/// ```java
/// Adafactor optimizer = new Adafactor(model.parameters(), o -> o.lr(1e-2).d(1.5));
/// ```
///
/// Unless `foreach` is true parameters are gone through one by one, as in Python: who takes this
/// optimizer is short of memory.
///
/// **State** of a parameter: `step`, a scalar; `row_var` and `col_var`, of its shape with one
/// column and one row, or `variance` where it has less than two dimensions.
///
/// [torch.optim.Adafactor](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adafactor.html)
public final class Adafactor extends Optimizer<Adafactor.Group> {
  /// Parameters with the options of {@link Adafactor}.
  public static final class Group extends DecayGroup<Group> {
    private Group() {
      set("lr", 1e-2).beta2Decay(-0.8).eps(null, 1e-3).d(1).weightDecay(0).foreach(null);
      maximize(false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// The power with which the running means forget less and less.
    ///
    /// @param beta2Decay $\tau$, not positive, -0.8 unless set
    /// @return this group
    public Group beta2Decay(double beta2Decay) {
      return set("beta2_decay", beta2Decay);
    }

    /// The least divisor and the least step.
    ///
    /// @param eps1 $\epsilon_1$; null, as unless set, for what 1 can be told apart from in the
    ///   dtype
    /// @param eps2 $\epsilon_2$, as a part of a weight, 1e-3 unless set
    /// @return this group
    public Group eps(@Nullable Double eps1, double eps2) {
      return set("eps", Collections.unmodifiableList(Arrays.asList(eps1, eps2)));
    }

    /// How far steps may be above the usual size before they are scaled down.
    ///
    /// @param d at least 1, which it is unless set
    /// @return this group
    public Group d(double d) {
      return set("d", d);
    }

    private @Nullable Double eps1() {
      return get("eps") instanceof List<?> eps && eps.getFirst() == null ? null : number("eps", 0);
    }

    @Override
    protected void validate() {
      require(lr() >= 0, "Learning rate should be >= 0", lr());
      require(number("beta2_decay") <= 0, "beta2_decay should be <= 0", get("beta2_decay"));
      Double eps1 = eps1();
      require(eps1 == null || eps1 >= 0, "epsilon1 should be >= 0", eps1);
      require(number("eps", 1) >= 0, "epsilon2 should be >= 0", number("eps", 1));
      require(number("d") >= 1, "Clipping threshold d should be >= 1", get("d"));
      require(weightDecay() >= 0, "weight_decay should be >= 0", get("weight_decay"));
    }

    private static void require(boolean met, String what, @Nullable Object value) {
      if (!met) throw new ValueException(what + " but is: " + Options.text(value));
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Adafactor(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adafactor(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Adafactor(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public Adafactor addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Adafactor addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    for (Tensor parameter : group.params()) {
      if (parameter.grad() != null) Options.refuseComplex(parameter, "Adafactor");
    }
    boolean lists = group.flag("foreach");
    for (Gradients part : Batch.parts(group, "Adafactor does not support sparse gradients")) {
      if (lists) {
        // Matrices and vectors have other states.
        Batch all = Batch.of(this, group, part);
        List<Boolean> kinds = all.params().stream().map(Adafactor::isMatrix).toList();
        all.alike(kinds).forEach((matrices, batch) -> update(group, batch, matrices));
      } else {
        for (Gradients one : part.single()) {
          update(group, Batch.of(this, group, one), isMatrix(one.params().getFirst()));
        }
      }
    }
  }

  private static boolean isMatrix(Tensor tensor) {
    return tensor.dim() > 1;
  }

  private static void update(Group group, Batch batch, boolean matrices) {
    List<Tensor> params = batch.params();
    double eps = eps1(group, params.getFirst().dtype());
    double[] steps = batch.count();
    Number[] forgotten = new Number[steps.length];
    Scalar[] sizes = new Scalar[steps.length];
    for (int i = 0; i < steps.length; i++) {
      forgotten[i] = CMath.pow(steps[i], group.number("beta2_decay"));
      Scalar rho = Scalar.min(group.rate(), Scalar.of(1 / CMath.pow(steps[i], 0.5)));
      sizes[i] = rho.times(Math.max(group.number("eps", 1), meanSquareRoot(params.get(i))));
    }
    if (group.weightDecay() != 0) Foreach.mul_(params, group.remaining(group.weightDecay()));

    List<Tensor> updates = matrices ? factored(batch, forgotten, eps) : plain(batch, forgotten);
    Foreach.clampMin_(updates, eps * eps);
    Foreach.rsqrt_(updates);
    Foreach.mul_(updates, batch.grads());
    Number[] factors = new Number[steps.length];
    for (int i = 0; i < steps.length; i++) {
      double excess = norm(updates.get(i)) / (root(updates.get(i)) * group.number("d"));
      factors[i] = -sizes[i].dividedBy(Math.max(1, excess)).value();
    }
    if (group.flag("foreach")) {
      Foreach.mul_(updates, factors);
      Foreach.add_(params, updates, 1);
    } else {
      params.getFirst().add_(updates.getFirst(), factors[0]);
    }
  }

  private static double eps1(Group group, DType dtype) {
    Double eps = group.eps1();
    if (eps != null) return eps;
    return switch (dtype) {
      case FLOAT64 -> Math.ulp(1.0);
      case FLOAT16 -> 0x1p-10;
      case BFLOAT16 -> 0x1p-7;
      default -> Math.ulp(1f);
    };
  }

  private static double norm(Tensor tensor) {
    return Linalg.vectorNorm(tensor, 2).item();
  }

  private static double root(Tensor tensor) {
    return CMath.pow((double) tensor.numel(), 0.5);
  }

  private static double meanSquareRoot(Tensor tensor) {
    return norm(tensor) / root(tensor);
  }

  private static List<Tensor> plain(Batch batch, Number[] forgotten) {
    List<Tensor> variance = batch.state("variance");
    Foreach.lerp_(variance, Foreach.mul(batch.grads(), batch.grads()), forgotten);
    return Foreach.clone(variance);
  }

  private static List<Tensor> factored(Batch batch, Number[] forgotten, double eps) {
    List<Tensor> rows = meanSquares(batch, "row_var", -1, forgotten);
    List<Tensor> columns = meanSquares(batch, "col_var", -2, forgotten);
    List<Tensor> estimates = new ArrayList<>();
    List<Tensor> means = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      estimates.add(rows.get(i).matmul(columns.get(i)));
      means.add(rows.get(i).mean(new long[] {-2}, true));
    }
    Foreach.clampMin_(means, eps);
    Foreach.div_(estimates, means);
    return estimates;
  }

  private static List<Tensor> meanSquares(Batch batch, String name, int dim, Number[] forgotten) {
    List<Tensor> state =
        batch.state(
            name,
            p -> {
              long[] shape = p.shape();
              shape[shape.length + dim] = 1;
              return Torch.zeros(p.dtype().on(p.device()), shape);
            });
    List<Tensor> means = new ArrayList<>();
    Number[] sizes = new Number[state.size()];
    for (int i = 0; i < sizes.length; i++) {
      Tensor grad = batch.grads().get(i);
      means.add(Linalg.vectorNorm(grad, 2, dim, true));
      sizes[i] = grad.size(dim);
    }
    Foreach.mul_(means, means);
    Foreach.div_(means, sizes);
    Foreach.lerp_(state, means, forgotten);
    return state;
  }
}
