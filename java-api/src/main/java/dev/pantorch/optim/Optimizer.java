package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.io.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The base of all optimizers: parameters in groups, the state kept for each parameter, and saving
/// both in Python's layout.
///
/// The state (momentum and the like) outlives the scopes that steps are made in; what else a step
/// makes is freed when it ends. An optimizer is used by one thread at a time.
///
/// [torch.optim.Optimizer](https://docs.pytorch.org/docs/2.13/optim.html)
///
/// @param <G> the groups, which have the optimizer's options
public abstract class Optimizer<G extends ParamGroup<G>> {
  private final G defaults;
  private final List<G> groups = new ArrayList<>();
  private final IdentityHashMap<Tensor, SequencedMap<String, Tensor>> state =
      new IdentityHashMap<>();
  private List<Tensor> all = List.of();
  private long steps;

  /// Makes the first group.
  ///
  /// @param parameters the tensors to be optimised, leaves
  /// @param defaults a new group with the optimizer's default options
  /// @param settings sets options; they hold for groups added later, too
  /// @throws ValueException if there are no parameters, one is no leaf or is given twice, or an
  ///   option is out of range
  protected Optimizer(List<Tensor> parameters, G defaults, Consumer<? super G> settings) {
    if (parameters.isEmpty()) throw new ValueException("optimizer got an empty parameter list");
    settings.accept(defaults);
    this.defaults = defaults;
    add(parameters, group -> {});
  }

  /// Updates the parameters of one group that have a gradient. Called without recording gradients
  /// and in a scope of its own.
  ///
  /// @param group the group
  protected abstract void update(G group);

  final void add(List<Tensor> parameters, Consumer<? super G> settings) {
    G group = defaults.copy();
    settings.accept(group);
    group.validate();
    Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.addAll(all);
    for (Tensor parameter : parameters) {
      if (!parameter.isLeaf()) {
        throw new ValueException(
            "can't optimize a non-leaf Tensor: it is the result of " + parameter.gradFn());
      }
      if (!known.add(parameter)) {
        throw new ValueException(
            all.contains(parameter)
                ? "some parameters appear in more than one parameter group"
                : "optimizer contains a parameter group with duplicate parameters");
      }
    }
    group.params(parameters);
    groups.add(group);
    List<Tensor> extended = new ArrayList<>(all);
    extended.addAll(parameters);
    all = List.copyOf(extended);
  }

  /// The groups, whose options may be changed between steps.
  ///
  /// @return a read-only view
  public final List<G> paramGroups() {
    return Collections.unmodifiableList(groups);
  }

  /// Removes the gradients of all parameters, in one native call.
  public final void zeroGrad() {
    zeroGrad(true);
  }

  /// Removes or zeroes the gradients of all parameters.
  ///
  /// @param setToNone whether gradients are removed; false keeps their memory and fills it with 0
  public final void zeroGrad(boolean setToNone) {
    TensorCalls.zeroGrad(all, setToNone);
  }

  /// Updates all parameters that have a gradient.
  public void step() {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      for (G group : groups) update(group);
    }
    steps++;
  }

  /// Computes the loss anew, with gradients recorded, and updates the parameters.
  ///
  /// @param closure clears the gradients, computes the loss and its gradients, and returns it
  /// @return the loss
  public Tensor step(Supplier<Tensor> closure) {
    Tensor loss = Torch.enableGrad(closure);
    step();
    return loss;
  }

  /// How many steps this object has made; not part of the state.
  ///
  /// @return the number
  public final long stepCount() {
    return steps;
  }

  /// The state of a parameter by Python's names, as `exp_avg`. Tensors put there must be kept.
  ///
  /// @param parameter one of the parameters
  /// @return the state; changes are seen by the optimizer
  protected final SequencedMap<String, Tensor> state(Tensor parameter) {
    return state.computeIfAbsent(parameter, p -> new LinkedHashMap<>());
  }

  // Saving and loading.

  /// State and options in the layout of Python's `state_dict()`:
  ///
  /// | key | value |
  /// |---|---|
  /// | `state` | from a parameter's number, counted over the groups, to its state by name |
  /// | `param_groups` | for each group the options by name, and under `params` the numbers |
  ///
  /// @return maps and lists of tensors (those in use, not copies), numbers, booleans and nulls
  public final Map<String, Object> stateDict() {
    Map<Integer, Object> packed = new LinkedHashMap<>();
    List<Object> packedGroups = new ArrayList<>();
    int number = 0;
    for (G group : groups) {
      List<Integer> numbers = new ArrayList<>();
      for (Tensor parameter : group.params()) {
        SequencedMap<String, Tensor> own = state.get(parameter);
        if (own != null && !own.isEmpty()) packed.put(number, new LinkedHashMap<>(own));
        numbers.add(number++);
      }
      Map<String, @Nullable Object> options = new LinkedHashMap<>(group.options());
      // Lists of numbers among the options, such as betas, are tuples in Python.
      options.replaceAll((_, value) -> value instanceof List<?> list ? Tuple.copyOf(list) : value);
      options.put("params", numbers);
      packedGroups.add(options);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("state", packed);
    result.put("param_groups", packedGroups);
    return result;
  }

  /// Replaces state and options by saved ones. The optimizer must have groups of the same sizes.
  /// Tensors are copied, to the device and dtype of their parameters.
  ///
  /// @param stateDict as {@link #stateDict} or Python's `state_dict()` returns it
  /// @throws ValueException if the groups or their sizes differ; nothing has changed
  public final void loadStateDict(Map<String, ?> stateDict) {
    OptimizerState.load(this, state, stateDict);
  }

  /// As Python prints it: the groups with their options in alphabetical order.
  @Override
  public String toString() {
    return OptimizerState.print(getClass().getSimpleName(), groups);
  }
}
