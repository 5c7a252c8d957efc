package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// L-BFGS: Newton's method with curvature estimated from the last steps, for full batches and
/// smooth functions. One step makes several iterations, each of which needs the loss anew, so it is
/// given a closure.
///
/// ```java
/// LBFGS optimizer = new LBFGS(model.parameters(), o -> o.lineSearchFn(LBFGS.LineSearch.STRONG_WOLFE));
/// Tensor loss =
///     optimizer.step(() -> {
///       optimizer.zeroGrad();
///       Tensor value = criterion.forward(model.forward(x), y);
///       value.backward();
///       return value;
///     });
/// ```
///
/// There is one group only. Besides the parameters, memory is taken for `historySize` times two
/// vectors of their size; a closure's own tensors are freed as soon as its loss is read.
///
/// **State**, all under the first parameter: counters, the last direction `d` and step `t`, the
/// history `old_dirs`, `old_stps` and `ro`, and what Python keeps besides.
///
/// [torch.optim.LBFGS](https://docs.pytorch.org/docs/2.13/generated/torch.optim.LBFGS.html)
public final class LBFGS extends Optimizer<LBFGS.Group> {
  /// How far to go along a direction.
  public enum LineSearch {
    /// Until the loss has fallen and its slope has flattened enough.
    STRONG_WOLFE
  }

  /// Parameters with the options of {@link LBFGS}.
  public static final class Group extends ParamGroup<Group> {
    private Group() {
      set("lr", 1).maxIter(20).maxEval(null).toleranceGrad(1e-7).toleranceChange(1e-9);
      historySize(100).lineSearchFn(null);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// How many iterations a step makes at most.
    ///
    /// @param maxIter 20 unless set
    /// @return this group
    public Group maxIter(int maxIter) {
      return set("max_iter", maxIter);
    }

    /// How often a step asks for the loss at most.
    ///
    /// @param maxEval 5/4 of the iterations unless set
    /// @return this group
    public Group maxEval(@Nullable Integer maxEval) {
      return set("max_eval", maxEval);
    }

    /// The size of the greatest derivative at which a step ends.
    ///
    /// @param tolerance 1e-7 unless set
    /// @return this group
    public Group toleranceGrad(double tolerance) {
      return set("tolerance_grad", tolerance);
    }

    /// The change of the loss or of a parameter at which a step ends.
    ///
    /// @param tolerance 1e-9 unless set
    /// @return this group
    public Group toleranceChange(double tolerance) {
      return set("tolerance_change", tolerance);
    }

    /// How many iterations are remembered.
    ///
    /// @param historySize 100 unless set
    /// @return this group
    public Group historySize(int historySize) {
      return set("history_size", historySize);
    }

    /// How far to go along a direction.
    ///
    /// @param lineSearch null, as unless set, for the learning rate
    /// @return this group
    public Group lineSearchFn(@Nullable LineSearch lineSearch) {
      return set("line_search_fn", lineSearch == null ? null : "strong_wolfe");
    }

    @Override
    protected void validate() {
      Options.requireNotNegative(rate(), "learning rate");
      if (get("max_eval") == null) maxEval(integer("max_iter") * 5 / 4);
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public LBFGS(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public LBFGS(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public LBFGS(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  /// Not here.
  ///
  /// @throws ValueException always: all parameters are one vector to this optimizer
  @Override
  public LBFGS addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    throw oneGroup();
  }

  /// Not here.
  ///
  /// @throws ValueException always: all parameters are one vector to this optimizer
  @Override
  public LBFGS addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    throw oneGroup();
  }

  private static ValueException oneGroup() {
    return new ValueException("LBFGS doesn't support per-parameter options (parameter groups)");
  }

  @Override
  Set<String> scalars() {
    return Set.of();
  }

  @Override
  Tensor advance(@Nullable Supplier<Tensor> closure) {
    if (closure == null) {
      throw new TypeException(
          "LBFGS.step() missing 1 required positional argument: 'closure'; it computes the loss"
              + " anew and returns it");
    }
    Tensor loss = Torch.enableGrad(closure);
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      update(paramGroups().getFirst(), closure, loss.item());
    }
    return loss;
  }

  @Override
  protected void update(Group group) {
    throw new IllegalStateException("LBFGS moves all parameters in advance()");
  }

  private void update(Group group, Supplier<Tensor> closure, double firstLoss) {
    Object lineSearch = group.get("line_search_fn");
    if (lineSearch != null && !lineSearch.equals("strong_wolfe")) {
      throw new TorchException("only 'strong_wolfe' is supported");
    }
    FlatParameters flat = new FlatParameters(group.params(), closure);
    LBFGSHistory history =
        new LBFGSHistory(state(group.params().getFirst()), group.integer("history_size"));
    Scalar change = Scalar.of(group.number("tolerance_change"));
    Scalar least = Scalar.of(group.number("tolerance_grad"));
    int maxIter = group.integer("max_iter");
    int maxEval = group.integer("max_eval");

    double loss = firstLoss;
    int evals = 1;
    history.countEvals(1);
    Tensor grad = flat.grad();
    if (greatest(grad).isAtMost(least)) return;
    for (int iteration = 1; iteration <= maxIter; iteration++) {
      history.countIteration();
      Tensor direction = history.direction(grad);
      double lastLoss = loss;
      Scalar step = group.rate();
      if (history.isFirst()) {
        Scalar inverse = Scalar.of(1).dividedBy(Scalar.of(grad.abs().sum()));
        step = Scalar.min(Scalar.of(1), inverse).times(step);
      }
      history.remember(direction, step, lastLoss);
      Scalar slope = Scalar.of(grad.dot(direction));
      if (change.negated().isLess(slope)) break;

      int more = 0;
      boolean isFlat = false;
      if (group.get("line_search_fn") != null) {
        StrongWolfe.Start here = new StrongWolfe.Start(direction, loss, grad, slope, step);
        StrongWolfe.Found found = StrongWolfe.search(flat, here, change, maxEval - evals);
        flat.add(direction, found.step().value());
        grad = replaced(grad, found.grad());
        loss = found.loss();
        step = found.step();
        more = found.evals();
        isFlat = greatest(grad).isAtMost(least);
      } else {
        flat.add(direction, step.value());
        if (iteration != maxIter) {
          loss = flat.loss();
          grad = replaced(grad, flat.grad());
          isFlat = greatest(grad).isAtMost(least);
          more = 1;
        }
      }
      history.remember(direction, step, lastLoss);
      evals += more;
      history.countEvals(more);
      if (evals >= maxEval
          || isFlat
          || greatest(direction.mul(step.value())).isAtMost(change)
          || Math.abs(loss - lastLoss) < change.value()) {
        break;
      }
    }
    history.save();
  }

  private static Tensor replaced(Tensor old, Tensor next) {
    if (old != next) old.close();
    return next;
  }

  private static Scalar greatest(Tensor vector) {
    return Scalar.of(vector.abs().max());
  }
}
