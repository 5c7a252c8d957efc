package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.ops.Foreach;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Muon (Jordan and others 2024): the momentum of a matrix is made orthogonal by a few steps of
/// Newton and Schulz before it is gone along. For the matrices of hidden layers; embeddings, biases
/// and what else is no matrix are for another optimizer, as {@link AdamW}.
///
/// ```java
/// List<Tensor> matrices = model.parameters().stream().filter(p -> p.dim() == 2).toList();
/// Muon optimizer = new Muon(matrices, o -> o.lr(2e-2).adjustLrFn(Muon.AdjustLr.ORIGINAL));
/// ```
///
/// **State** of a parameter: `momentum_buffer`, of its shape.
///
/// [torch.optim.Muon](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Muon.html)
public final class Muon extends Optimizer<Muon.Group> {
  /// How the rate is adjusted to the shape of a matrix, so that steps of all shapes are alike.
  public enum AdjustLr {
    /// Times $\sqrt{\max(1, rows / columns)}$, as the authors do.
    ORIGINAL,
    /// Times $0.2 \sqrt{\max(rows, columns)}$ (Liu and others 2025): steps of the size of AdamW's,
    /// whose rates can be taken over.
    MATCH_RMS_ADAMW;

    private boolean isNamed(@Nullable Object name) {
      return name().toLowerCase(Locale.ROOT).equals(name);
    }
  }

  /// Parameters with the options of {@link Muon}.
  public static final class Group extends ParamGroup<Group> {
    private Group() {
      set("lr", 1e-3).weightDecay(0.1).momentum(0.95).nesterov(true);
      nsCoefficients(3.4445, -4.775, 2.0315).eps(1e-7).nsSteps(5).adjustLrFn(null);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How much of the weights times the learning rate is taken off them.
    ///
    /// @param weightDecay $\lambda$, 0.1 unless set
    /// @return this group
    public Group weightDecay(double weightDecay) {
      return set("weight_decay", weightDecay);
    }

    /// How slowly the momentum forgets.
    ///
    /// @param momentum $\mu$, 0.95 unless set
    /// @return this group
    public Group momentum(double momentum) {
      return set("momentum", momentum);
    }

    /// Whether the momentum is Nesterov's.
    ///
    /// @param nesterov true unless set
    /// @return this group
    public Group nesterov(boolean nesterov) {
      return set("nesterov", nesterov);
    }

    /// The coefficients of the polynomial $a X + b X X^T X + c (X X^T)^2 X$.
    ///
    /// @param a 3.4445 unless set
    /// @param b -4.775 unless set
    /// @param c 2.0315 unless set
    /// @return this group
    public Group nsCoefficients(double a, double b, double c) {
      return set("ns_coefficients", List.of(a, b, c));
    }

    /// The least norm that is divided by.
    ///
    /// @param eps 1e-7 unless set
    /// @return this group
    public Group eps(double eps) {
      return set("eps", eps);
    }

    /// How many steps of Newton and Schulz are made.
    ///
    /// @param nsSteps below 100, 5 unless set
    /// @return this group
    public Group nsSteps(int nsSteps) {
      return set("ns_steps", nsSteps);
    }

    /// How the rate is adjusted to the shape of a matrix.
    ///
    /// @param adjustLr null, as unless set, for {@link AdjustLr#ORIGINAL}
    /// @return this group
    public Group adjustLrFn(@Nullable AdjustLr adjustLr) {
      return set(
          "adjust_lr_fn", adjustLr == null ? null : adjustLr.name().toLowerCase(Locale.ROOT));
    }

    @Override
    protected void validate() {
      require(lr() >= 0, "Learning rate", lr());
      require(number("momentum") >= 0, "momentum", get("momentum"));
      require(number("weight_decay") >= 0, "weight decay", get("weight_decay"));
      Object adjust = get("adjust_lr_fn");
      if (adjust != null && Arrays.stream(AdjustLr.values()).noneMatch(a -> a.isNamed(adjust))) {
        throw new ValueException(
            "Adjust learning rate function %s is not supported".formatted(adjust));
      }
      if (integer("ns_steps") >= 100) {
        throw new ValueException(
            "Number of steps must be less than 100 for computational efficiency");
      }
    }

    private static void require(boolean met, String what, @Nullable Object value) {
      if (!met) {
        throw new ValueException(
            "%s should be >= 0 but is: %s".formatted(what, Options.text(value)));
      }
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Muon(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Muon(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
    check();
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Muon(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
    check();
  }

  @Override
  public Muon addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Muon addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  private void check() {
    for (Group group : paramGroups()) {
      for (Tensor parameter : group.params()) {
        if (parameter.dim() != 2) {
          throw new ValueException(
              "Muon only supports 2D parameters whereas we found a parameter with size: "
                  + PythonText.size(parameter.shape()));
        }
      }
    }
  }

  @Override
  protected void update(Group group) {
    for (Tensor parameter : group.params()) {
      if (parameter.grad() != null) Options.refuseComplex(parameter, "Muon");
    }
    double momentum = group.number("momentum");
    for (Gradients part : Batch.parts(group, "Muon does not support sparse gradients")) {
      Batch batch = Batch.plain(this, part);
      List<Tensor> buffers = batch.state("momentum_buffer");
      Foreach.lerp_(buffers, batch.grads(), 1 - momentum);
      List<Tensor> updates =
          group.flag("nesterov") ? Foreach.lerp(batch.grads(), buffers, momentum) : buffers;
      List<Tensor> directions = updates.stream().map(u -> orthogonal(group, u)).toList();
      Foreach.mul_(batch.params(), group.remaining(group.number("weight_decay")));
      for (int i = 0; i < batch.size(); i++) {
        Tensor parameter = batch.params().get(i);
        parameter.add_(directions.get(i), -rate(group, parameter));
      }
    }
  }

  private static Tensor orthogonal(Group group, Tensor update) {
    boolean tall = update.size(0) > update.size(1);
    Tensor x = update.to(DType.BFLOAT16);
    if (tall) x = x.t();
    x.div_(Linalg.vectorNorm(x, 2).clamp(group.number("eps"), null));
    for (int i = 0; i < group.integer("ns_steps"); i++) {
      Tensor gram = x.matmul(x.t());
      Tensor polynomial =
          gram.addmm(
              gram, gram, group.number("ns_coefficients", 1), group.number("ns_coefficients", 2));
      x = x.addmm(polynomial, x, group.number("ns_coefficients", 0), 1);
    }
    return tall ? x.t() : x;
  }

  private static double rate(Group group, Tensor parameter) {
    double rows = parameter.size(0);
    double columns = parameter.size(1);
    double factor =
        AdjustLr.MATCH_RMS_ADAMW.isNamed(group.get("adjust_lr_fn"))
            ? 0.2 * Math.sqrt(Math.max(rows, columns))
            : Math.sqrt(Math.max(1, rows / columns));
    return group.rate().times(factor).value();
  }
}
