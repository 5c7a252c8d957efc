package dev.pantorch.optim;

import dev.pantorch.HookHandle;
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
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The base of all optimizers: parameters in groups, the state kept for each parameter, and saving
/// both in Python's layout.
///
/// The state (momentum and the like) outlives the scopes that steps are made in; what else a step
/// makes is freed when it ends. An optimizer is used by one thread at a time.
///
/// An optimizer of one's own extends this class, says in a {@link ParamGroup} what its options are,
/// and moves the parameters in {@link #update}; groups, hooks, saving and loading are done here.
///
/// ```java
/// class SignSGD extends Optimizer<SignSGD.Group> {
///   static final class Group extends ParamGroup<Group> {
///     Group() {
///       lr(0.01);
///     }
///
///     @Override
///     protected Group newGroup() {
///       return new Group();
///     }
///
///     @Override
///     protected void validate() {}
///   }
///
///   SignSGD(List<Tensor> parameters) {
///     super(parameters, new Group(), o -> {});
///   }
///
///   @Override
///   protected void update(Group group) {
///     for (Tensor parameter : group.params()) {
///       Tensor gradient = parameter.grad();
///       if (gradient != null) parameter.sub_(gradient.sign().mul(group.lr()));
///     }
///   }
/// }
/// ```
///
/// [torch.optim.Optimizer](https://docs.pytorch.org/docs/2.13/optim.html)
///
/// @param <G> the groups, which have the optimizer's options
public abstract class Optimizer<G extends ParamGroup<G>> {
  private final G defaults;
  private final List<G> groups = new ArrayList<>();
  private final IdentityHashMap<Tensor, SequencedMap<String, @Nullable Object>> state =
      new IdentityHashMap<>();
  private final OptimizerHooks hooks = new OptimizerHooks();
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
    settings.accept(defaults);
    this.defaults = defaults;
    addFirst(parameters, List.of());
  }

  /// Makes the first group, of parameters with names.
  ///
  /// @param named the tensors to be optimised, leaves, as {@link
  ///   dev.pantorch.nn.Module#namedParameters} has them
  /// @param defaults a new group with the optimizer's default options
  /// @param settings sets options; they hold for groups added later, too
  /// @throws ValueException if there are no parameters, one is no leaf or is given twice, or an
  ///   option is out of range
  protected Optimizer(
      SequencedMap<String, Tensor> named, G defaults, Consumer<? super G> settings) {
    settings.accept(defaults);
    this.defaults = defaults;
    addFirst(List.copyOf(named.values()), List.copyOf(named.keySet()));
  }

  private void addFirst(List<Tensor> parameters, List<String> names) {
    if (parameters.isEmpty()) throw new ValueException("optimizer got an empty parameter list");
    add(parameters, names, group -> {});
  }

  /// Updates the parameters of one group that have a gradient. Called without recording gradients
  /// and in a scope of its own.
  ///
  /// @param group the group
  protected abstract void update(G group);

  /// Adds parameters with options of their own, as for layers that are trained after the others.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings changes options; the others are as in the constructor
  /// @return this optimizer
  /// @throws ValueException if a parameter is no leaf or is there already, the other groups have
  ///   names, or an option is out of range
  public Optimizer<G> addParamGroup(List<Tensor> parameters, Consumer<? super G> settings) {
    add(parameters, List.of(), settings);
    return this;
  }

  /// Adds parameters with names and options of their own.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings changes options; the others are as in the constructor
  /// @return this optimizer
  /// @throws ValueException if a parameter is no leaf or is there already, the other groups have no
  ///   names, or an option is out of range
  public Optimizer<G> addParamGroup(
      SequencedMap<String, Tensor> named, Consumer<? super G> settings) {
    add(List.copyOf(named.values()), List.copyOf(named.keySet()), settings);
    return this;
  }

  private void add(List<Tensor> parameters, List<String> names, Consumer<? super G> settings) {
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
    if (!groups.isEmpty() && names.isEmpty() != (groups.getFirst().get("param_names") == null)) {
      throw new ValueException(
          "all optimizer param groups should be with/without names. cannot add param group %s names to the optimizer"
              .formatted(names.isEmpty() ? "without" : "with"));
    }
    group.params(parameters, names);
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
    hookedStep(null);
  }

  /// Computes the loss anew, with gradients recorded, and updates the parameters.
  ///
  /// @param closure clears the gradients, computes the loss and its gradients, and returns it
  /// @return the loss
  public Tensor step(Supplier<Tensor> closure) {
    return Objects.requireNonNull(hookedStep(closure), "the closure's loss");
  }

  private @Nullable Tensor hookedStep(@Nullable Supplier<Tensor> closure) {
    hooks.beforeStep(this);
    Tensor loss = advance(closure);
    steps++;
    hooks.afterStep(this);
    return loss;
  }

  /// One step without its hooks.
  @Nullable Tensor advance(@Nullable Supplier<Tensor> closure) {
    Tensor loss = closure == null ? null : Torch.enableGrad(closure);
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      for (G group : groups) update(group);
    }
    return loss;
  }

  /// How many steps this object has made; not part of the state.
  ///
  /// @return the number
  public final long stepCount() {
    return steps;
  }

  /// The state of a parameter by Python's names, as `exp_avg`: tensors, numbers, lists of them, and
  /// nulls. Tensors put there must be kept.
  ///
  /// @param parameter one of the parameters
  /// @return the state; changes are seen by the optimizer
  protected final SequencedMap<String, @Nullable Object> state(Tensor parameter) {
    return state.computeIfAbsent(parameter, p -> new LinkedHashMap<>());
  }

  /// The names of state that is one number in a tensor of its own dtype, which loading keeps.
  Set<String> scalars() {
    return Set.of("step");
  }

  // Hooks.

  /// What may look at a state dict, or put another in its place.
  @FunctionalInterface
  public interface StateDictHook
      extends BiFunction<Optimizer<?>, Map<String, Object>, @Nullable Map<String, Object>> {
    /// Called with the state dict.
    ///
    /// @param optimizer whose it is
    /// @param stateDict may be changed
    /// @return a state dict to go on with, or null for the same
    @Override
    @Nullable Map<String, Object> apply(Optimizer<?> optimizer, Map<String, Object> stateDict);
  }

  /// Calls a function before each step of all optimizers, ahead of their own hooks.
  ///
  /// @param hook receives the optimizer
  /// @return removes the hook when closed
  public static HookHandle registerOptimizerStepPreHook(Consumer<? super Optimizer<?>> hook) {
    return OptimizerHooks.add(OptimizerHooks.GLOBAL_STEP_PRE, hook, false);
  }

  /// Calls a function after each step of all optimizers, behind their own hooks.
  ///
  /// @param hook receives the optimizer
  /// @return removes the hook when closed
  public static HookHandle registerOptimizerStepPostHook(Consumer<? super Optimizer<?>> hook) {
    return OptimizerHooks.add(OptimizerHooks.GLOBAL_STEP_POST, hook, false);
  }

  /// Calls a function before each step, when gradients are still to be looked at or changed.
  ///
  /// @param hook receives this optimizer
  /// @return removes the hook when closed
  public final HookHandle registerStepPreHook(Consumer<? super Optimizer<?>> hook) {
    return OptimizerHooks.add(hooks.stepPre, hook, false);
  }

  /// Calls a function after each step.
  ///
  /// @param hook receives this optimizer
  /// @return removes the hook when closed
  public final HookHandle registerStepPostHook(Consumer<? super Optimizer<?>> hook) {
    return OptimizerHooks.add(hooks.stepPost, hook, false);
  }

  /// Calls a function before {@link #stateDict} looks at anything.
  ///
  /// @param hook receives this optimizer
  /// @param prepend whether it is called before the hooks that are there already
  /// @return removes the hook when closed
  public final HookHandle registerStateDictPreHook(
      Consumer<? super Optimizer<?>> hook, boolean prepend) {
    return OptimizerHooks.add(hooks.stateDictPre, hook, prepend);
  }

  /// Calls a function with what {@link #stateDict} will return.
  ///
  /// @param hook may change the map or return another
  /// @param prepend whether it is called before the hooks that are there already
  /// @return removes the hook when closed
  public final HookHandle registerStateDictPostHook(StateDictHook hook, boolean prepend) {
    return OptimizerHooks.add(hooks.stateDictPost, hook, prepend);
  }

  /// Calls a function with what {@link #loadStateDict} is given: to rename parameters, say.
  ///
  /// @param hook may change the map, which is a shallow copy, or return another
  /// @param prepend whether it is called before the hooks that are there already
  /// @return removes the hook when closed
  public final HookHandle registerLoadStateDictPreHook(StateDictHook hook, boolean prepend) {
    return OptimizerHooks.add(hooks.loadPre, hook, prepend);
  }

  /// Calls a function after {@link #loadStateDict}.
  ///
  /// @param hook receives this optimizer
  /// @param prepend whether it is called before the hooks that are there already
  /// @return removes the hook when closed
  public final HookHandle registerLoadStateDictPostHook(
      Consumer<? super Optimizer<?>> hook, boolean prepend) {
    return OptimizerHooks.add(hooks.loadPost, hook, prepend);
  }

  // Saving and loading.

  /// State and options in the layout of Python's `state_dict()`:
  ///
  /// | key | value |
  /// |---|---|
  /// | `state` | from a parameter's number, counted over the groups, to its state by name |
  /// | `param_groups` | for each group the options by name, and under `params` the numbers |
  ///
  /// @return maps and lists of tensors (those in use, not copies), numbers, booleans, texts and
  ///   nulls
  public final Map<String, Object> stateDict() {
    hooks.beforeStateDict(this);
    Map<Integer, Object> packed = new LinkedHashMap<>();
    List<Object> packedGroups = new ArrayList<>();
    int number = 0;
    for (G group : groups) {
      List<Integer> numbers = new ArrayList<>();
      for (Tensor parameter : group.params()) {
        SequencedMap<String, @Nullable Object> own = state.get(parameter);
        if (own != null && !own.isEmpty()) packed.put(number, new LinkedHashMap<>(own));
        numbers.add(number++);
      }
      Map<String, @Nullable Object> options = new LinkedHashMap<>(group.options());
      // Lists of numbers among the options, such as betas, are tuples in Python; names are a list.
      options.replaceAll((name, value) ->
          value instanceof List<?> list && !name.equals("param_names")
              ? Tuple.copyOf(list)
              : value);
      options.put("params", numbers);
      packedGroups.add(options);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("state", packed);
    result.put("param_groups", packedGroups);
    return OptimizerHooks.through(hooks.stateDictPost, this, result);
  }

  /// Replaces state and options by saved ones. The optimizer must have groups of the same sizes.
  /// Tensors are copied, to the device and dtype of their parameters.
  ///
  /// @param stateDict as {@link #stateDict} or Python's `state_dict()` returns it
  /// @throws ValueException if the groups or their sizes differ; nothing has changed
  public final void loadStateDict(Map<String, ?> stateDict) {
    OptimizerState.load(
        this, state, OptimizerHooks.through(hooks.loadPre, this, new LinkedHashMap<>(stateDict)));
    hooks.afterLoad(this);
  }

  /// As Python prints it: the groups with their options in alphabetical order.
  @Override
  public String toString() {
    return OptimizerState.print(getClass().getSimpleName(), groups);
  }
}
