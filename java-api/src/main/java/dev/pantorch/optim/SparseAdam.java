package dev.pantorch.optim;

import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Adam for sparse gradients, as of an {@link dev.pantorch.nn.Embedding} with `sparse(true)`: only
/// the rows that have a gradient are moved, and only their running means are updated.
///
/// ```java
/// Embedding words = new Embedding(20_000, 64, o -> o.sparse(true));
/// SparseAdam optimizer = new SparseAdam(words.parameters(), 1e-3);
/// ```
///
/// **State** of a parameter: `step`, an integer; `exp_avg` and `exp_avg_sq`, of its shape, dense.
///
/// [torch.optim.SparseAdam](https://docs.pytorch.org/docs/2.13/generated/torch.optim.SparseAdam.html)
public final class SparseAdam extends Optimizer<SparseAdam.Group> {
  /// Parameters with the options of {@link SparseAdam}.
  public static final class Group extends ParamGroup<Group> {
    private Group() {
      set("lr", 1e-3).betas(0.9, 0.999).eps(1e-8).maximize(false);
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
    /// @param eps $\epsilon$, positive, 1e-8 unless set
    /// @return this group
    public Group eps(double eps) {
      return set("eps", eps);
    }

    /// Whether the function is made large instead of small.
    ///
    /// @param maximize false unless set
    /// @return this group
    public Group maximize(boolean maximize) {
      return set("maximize", maximize);
    }

    @Override
    protected void validate() {
      if (!(lr() > 0)) throw Options.invalid("learning rate", lr());
      if (!(number("eps") > 0)) throw Options.invalid("epsilon value", get("eps"));
      Options.requireBetas(this);
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public SparseAdam(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public SparseAdam(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
    check();
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public SparseAdam(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
    check();
  }

  @Override
  public SparseAdam addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public SparseAdam addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  private void check() {
    refuse(p -> p.layout() != Layout.STRIDED, "Sparse", "requires dense parameter tensors");
    refuse(p -> p.dtype().isComplex(), "Complex", "does not support complex parameters");
  }

  private void refuse(Predicate<Tensor> bad, String kind, String reason) {
    List<List<Integer>> found = new ArrayList<>();
    for (int i = 0; i < paramGroups().size(); i++) {
      List<Tensor> params = paramGroups().get(i).params();
      for (int j = 0; j < params.size(); j++) if (bad.test(params.get(j))) found.add(List.of(i, j));
    }
    if (!found.isEmpty()) {
      throw new ValueException(
          "%s params at indices %s: SparseAdam %s".formatted(kind, found, reason));
    }
  }

  @Override
  Set<String> scalars() {
    return Set.of();
  }

  @Override
  protected void update(Group group) {
    for (Gradients all : Gradients.of(group)) {
      if (!all.isSparse()) {
        throw new TorchException(
            "SparseAdam does not support dense gradients, please consider Adam instead");
      }
      for (Gradients one : all.single()) update(group, one);
    }
  }

  private void update(Group group, Gradients one) {
    Tensor parameter = one.params().getFirst();
    var state = state(parameter);
    int step = state.get("step") instanceof Number count ? count.intValue() + 1 : 1;
    state.put("step", step);
    Batch batch = Batch.of(this, group, one);
    Tensor mean = batch.state("exp_avg").getFirst();
    Tensor square = batch.state("exp_avg_sq").getFirst();
    SparseGradient gradient = new SparseGradient(batch.grads().getFirst());
    Tensor values = gradient.values();
    if (values.numel() == 0) return;

    double beta1 = group.number("betas", 0);
    double beta2 = group.number("betas", 1);
    Tensor oldMean = gradient.of(mean);
    Tensor meanChange = values.sub(oldMean).mul_(1 - beta1);
    mean.add_(gradient.with(meanChange));
    Tensor oldSquare = gradient.of(square);
    Tensor squareChange = values.pow(2).sub_(oldSquare).mul_(1 - beta2);
    square.add_(gradient.with(squareChange));

    Tensor direction = meanChange.add_(oldMean);
    Tensor divisor = squareChange.add_(oldSquare).sqrt_().add_(group.number("eps"));
    Scalar stepSize =
        group
            .rate()
            .times(Math.sqrt(1 - CMath.pow(beta2, step)))
            .dividedBy(1 - CMath.pow(beta1, step));
    parameter.add_(gradient.with(direction.div_(divisor).mul(-stepSize.value())));
  }
}
