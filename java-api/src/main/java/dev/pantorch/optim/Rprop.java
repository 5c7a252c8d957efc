package dev.pantorch.optim;

import dev.pantorch.Complex;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.ops.Foreach;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Resilient backpropagation (Riedmiller and Braun 1993): each weight has a step size of its own,
/// which grows while the gradient keeps its sign and shrinks when it changes; of the gradient only
/// the sign counts. For full batches.
///
/// ```java
/// Rprop optimizer = new Rprop(model.parameters(), o -> o.lr(1e-2).stepSizes(1e-6, 10));
/// ```
///
/// **State** of a parameter: `step`, a scalar; `prev`, the last gradient, and `step_size`, of its
/// shape.
///
/// [torch.optim.Rprop](https://docs.pytorch.org/docs/2.13/generated/torch.optim.Rprop.html)
public final class Rprop extends Optimizer<Rprop.Group> {
  /// Parameters with the options of {@link Rprop}.
  public static final class Group extends ForeachGroup<Group> {
    private Group() {
      set("lr", 1e-2).etas(0.5, 1.2).set("step_sizes", List.of(1e-6, 50)).foreach(null);
      maximize(false).set("differentiable", false).set("capturable", false);
    }

    @Override
    protected Group newGroup() {
      return new Group();
    }

    /// What step sizes are multiplied by.
    ///
    /// @param minus where the sign has changed, 0.5 unless set, between 0 and 1
    /// @param plus where it has not, 1.2 unless set, above 1
    /// @return this group
    public Group etas(double minus, double plus) {
      return set("etas", List.of(minus, plus));
    }

    /// Between what step sizes stay.
    ///
    /// @param least 1e-6 unless set
    /// @param greatest 50 unless set
    /// @return this group
    public Group stepSizes(double least, double greatest) {
      return set("step_sizes", List.of(least, greatest));
    }

    @Override
    protected void validate() {
      Options.requireNotNegative(rate(), "learning rate");
      double minus = number("etas", 0);
      double plus = number("etas", 1);
      if (!(minus > 0 && minus < 1 && plus > 1)) {
        throw new ValueException(
            "Invalid eta values: %s, %s".formatted(Options.text(minus), Options.text(plus)));
      }
    }
  }

  /// An optimizer with a learning rate.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public Rprop(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Rprop(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, new Group(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public Rprop(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, new Group(), settings);
  }

  @Override
  public Rprop addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public Rprop addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }

  @Override
  protected void update(Group group) {
    for (Batch batch : Batch.of(this, group, "Rprop does not support sparse gradients")) {
      batch.steps();
      List<Tensor> last = batch.state("prev");
      List<Tensor> sizes = batch.state("step_size", p -> Torch.fullLike(p, rate(group, p)));

      List<Tensor> factors = Foreach.mul(batch.grads(), last);
      Foreach.sign_(factors);
      for (Tensor factor : factors) {
        factor.maskedFill_(factor.gt(0), group.number("etas", 1));
        factor.maskedFill_(factor.lt(0), group.number("etas", 0));
        factor.maskedFill_(factor.eq(0), 1);
      }
      Foreach.mul_(sizes, factors);
      Foreach.clampMin_(sizes, group.number("step_sizes", 0));
      Foreach.clampMax_(sizes, group.number("step_sizes", 1));

      // Where the sign has changed the weight stays, and any next sign counts as the same.
      Foreach.copy_(last, batch.grads());
      for (int i = 0; i < batch.size(); i++) {
        last.get(i).maskedFill_(factors.get(i).eq(group.number("etas", 0)), 0);
      }
      Foreach.addcmul_(batch.params(), Foreach.sign(last), sizes, -1);
    }
  }

  private static Number rate(Group group, Tensor parameter) {
    return parameter.dtype().isComplex() ? new Complex(group.lr(), group.lr()) : group.lr();
  }
}
