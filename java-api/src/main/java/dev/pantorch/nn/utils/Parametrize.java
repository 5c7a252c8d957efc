package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.internal.ModuleMembers;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Parameters that are computed from others, so that they keep a property whatever the optimizer
/// does: `torch.nn.utils.parametrize`.
///
/// ```java
/// class Symmetric extends Layer {
///   @Override
///   public Tensor forward(Tensor weight) {
///     return weight.triu().add(weight.triu(1).t());
///   }
/// }
/// Linear layer = new Linear(3, 3);
/// registerParametrization(layer, "weight", new Symmetric());
/// var optimizer = new SGD(layer.parameters(), 0.1); // has parametrizations.weight.original
/// ```
///
/// The tensor that the module's field refers to, and every list that has it, stands for the
/// computed one from then on: **each operator that takes it computes it anew**, and gradients flow
/// to what it is computed from. That is so for reading its shape, too, as in Python for each
/// reading of the attribute. {@link #cached} computes it once. What is written into it in place is
/// lost; {@link #assign} sets it.
///
/// {@link Module#parameters}, {@link Module#stateDict} and what else lists tensors has the
/// originals, by Python's names: `parametrizations.weight.original`. Make optimizers afterwards: an
/// older one that has the parameter is told so by an exception. Do not parametrize a tensor that
/// several modules have registered: it is computed for all of them, but the others go on listing
/// it.
///
/// **Threads.** As other changes of a module, registering and removing must not happen while other
/// threads use it. Forwards may run in any number of threads; each computes the tensor for itself.
///
/// [torch.nn.utils.parametrize](https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parametrize.register_parametrization.html)
public final class Parametrize {
  private static final String CHILD = "parametrizations";
  private static final ThreadLocal<@Nullable Cached> CACHE = new ThreadLocal<>();

  private Parametrize() {}

  private static final class ModuleDict extends Module implements ModuleMembers.Parametrizations {}

  /// Computes a tensor of a module by a layer, from the tensor that it was or from what the layer
  /// says as {@link RightInverse}. Another parametrization of the same tensor is applied to what
  /// the first one gives.
  ///
  /// @param module the module that has the tensor, in whose mode the layer is set
  /// @param tensorName the name of a parameter or a buffer of it
  /// @param parametrization from one tensor to one of the same shape and dtype
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such tensor, or the layer changes shape or dtype
  public static <M extends Module> M registerParametrization(
      M module, String tensorName, Layer parametrization) {
    return registerParametrization(module, tensorName, parametrization, false);
  }

  /// The same, optionally without the checks.
  ///
  /// @param module the module that has the tensor, in whose mode the layer is set
  /// @param tensorName the name of a parameter or a buffer of it
  /// @param parametrization from one tensor to one
  /// @param unsafe whether shape and dtype may change; the layer is not tried out then
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such tensor, or the layer changes what it may not
  public static <M extends Module> M registerParametrization(
      M module, String tensorName, Layer parametrization, boolean unsafe) {
    return register(module, tensorName, parametrization, unsafe);
  }

  /// Computes a tensor of a module from several others, `original0`, `original1` and so on. It must
  /// be the first parametrization of the tensor.
  ///
  /// @param module the module that has the tensor, in whose mode the parametrization is set
  /// @param tensorName the name of a parameter or a buffer of it
  /// @param parametrization from several tensors to one
  /// @param unsafe whether shape and dtype may change; the parametrization is not tried out then
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such tensor, it is parametrized already, or shape or
  ///   dtype change and may not
  public static <M extends Module> M registerParametrization(
      M module, String tensorName, JointParametrization parametrization, boolean unsafe) {
    return register(module, tensorName, parametrization, unsafe);
  }

  private static <M extends Module> M register(
      M module, String name, Module parametrization, boolean unsafe) {
    parametrization.train(module.isTraining());
    ParametrizationList list = find(module, name);
    if (list != null) {
      if (parametrization instanceof JointParametrization) {
        throw new ValueException(
            "%s computes a tensor from several; expected one from one tensor, since '%s' is parametrized already"
                .formatted(parametrization.getClass().getSimpleName(), name));
      }
      if (!unsafe) list.check(name, parametrization);
      list.append(parametrization);
      return module;
    }
    ModuleMembers members = ModuleMembers.of(module);
    boolean isParameter = members.parameters().containsKey(name);
    Tensor field = (isParameter ? members.parameters() : members.buffers()).get(name);
    if (field == null) {
      throw new ValueException(
          "Module '%s' does not have a parameter, a buffer, or a parametrized element with name '%s'"
              .formatted(module, name));
    }
    if (members.children().get(CHILD) != null && !isParametrized(module)) {
      throw new ValueException(
          "a module with a member named '%s' cannot be parametrized".formatted(CHILD));
    }
    list = new ParametrizationList(field, isParameter, parametrization, unsafe);
    members.parameters().remove(name);
    members.buffers().remove(name);
    Module holder = members.children().computeIfAbsent(CHILD, key -> new ModuleDict());
    ModuleMembers.of(holder).children().put(name, list);
    return module;
  }

  private static @Nullable ParametrizationList find(Module module, String name) {
    if (!(ModuleMembers.of(module).children().get(CHILD) instanceof ModuleDict holder)) return null;
    return (ParametrizationList) ModuleMembers.of(holder).children().get(name);
  }

  /// The tensor of a name, parametrized or not, null if there is none.
  static @Nullable Tensor tensor(Module module, String name) {
    ParametrizationList list = find(module, name);
    if (list != null) return list.field();
    ModuleMembers members = ModuleMembers.of(module);
    Tensor parameter = members.parameters().get(name);
    return parameter != null ? parameter : members.buffers().get(name);
  }

  /// Whether a module has a parametrized tensor of its own.
  ///
  /// @param module the module; those below it do not count
  /// @return whether it has
  public static boolean isParametrized(Module module) {
    return ModuleMembers.of(module).children().get(CHILD) instanceof ModuleDict;
  }

  /// Whether a tensor of a module is parametrized.
  ///
  /// @param module the module
  /// @param tensorName the name of a tensor of it
  /// @return whether it is; false if there is no such tensor
  public static boolean isParametrized(Module module, String tensorName) {
    return find(module, tensorName) != null;
  }

  /// Sets the originals so that a parametrized tensor becomes a given one, as an assignment does in
  /// Python: `layer.weight = value`.
  ///
  /// @param module the module
  /// @param tensorName the name of a parametrized tensor
  /// @param value the tensor
  /// @throws ValueException if the tensor is not parametrized, or what the parametrization gives
  ///   for the value has another dtype than the originals
  /// @throws dev.pantorch.TorchException if a parametrization is no {@link RightInverse}
  public static void assign(Module module, String tensorName, Tensor value) {
    require(module, tensorName).assign(value);
  }

  private static ParametrizationList require(Module module, String name) {
    ParametrizationList list = find(module, name);
    if (list != null) return list;
    throw new ValueException(
        "Module %s does not have a parametrization on %s".formatted(module, name));
  }

  /// Makes a parametrized tensor an ordinary one again, with the values that it has.
  ///
  /// @param module the module
  /// @param tensorName the name of a parametrized tensor
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if it is not parametrized
  public static <M extends Module> M removeParametrizations(M module, String tensorName) {
    return removeParametrizations(module, tensorName, true);
  }

  /// Makes a parametrized tensor an ordinary one again. Optimizers made meanwhile go on with it if
  /// it was computed from one tensor. One that was computed from several of which none needs a
  /// gradient becomes a buffer, as in Python.
  ///
  /// @param module the module
  /// @param tensorName the name of a parametrized tensor
  /// @param leaveParametrized true for the values that it has, false for the original's
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if it is not parametrized, or the original's values are wanted and
  ///   there are several originals
  public static <M extends Module> M removeParametrizations(
      M module, String tensorName, boolean leaveParametrized) {
    ParametrizationList list = require(module, tensorName);
    boolean wasParameter = !ModuleMembers.of(list).parameters().isEmpty();
    boolean isParameter = list.remove(leaveParametrized, wasParameter);
    ModuleMembers members = ModuleMembers.of(module);
    Tensor field = list.field();
    if (isParameter) {
      members.parameters().put(tensorName, field);
    } else {
      members.buffers().put(tensorName, field);
    }
    Module holder = members.children().get(CHILD);
    if (holder != null) {
      var lists = ModuleMembers.of(holder).children();
      lists.remove(tensorName);
      if (lists.isEmpty()) members.children().remove(CHILD);
    }
    return module;
  }

  /// Computes each parametrized tensor once in this thread, when it is first used, until closed:
  /// for those that a forward uses several times, as in a loop over time.
  ///
  /// ```java
  /// try (var cache = cached()) {
  ///   for (Tensor step : x.unbind(1)) h = cell.forward(step, h);
  /// }
  /// ```
  ///
  /// Optimizer steps meanwhile are not seen.
  ///
  /// @return forgets and frees the tensors when closed; within another one, when that is
  public static Cached cached() {
    return new Cached();
  }

  /// Tensors that were computed once. See {@link #cached}.
  public static final class Cached implements AutoCloseable {
    private final @Nullable Cached outer = CACHE.get();
    private final Map<ParametrizationList, Tensor> values;

    // The values that were made for the cache; a parametrization may return another's tensor.
    private final List<Tensor> owned;
    private boolean open = true;

    private Cached() {
      values = outer == null ? new IdentityHashMap<>() : outer.values;
      owned = outer == null ? new ArrayList<>() : outer.owned;
      CACHE.set(this);
    }

    /// Ends the caching; a second close does nothing.
    ///
    /// @throws IllegalStateException if another cache was opened in this thread and not closed, or
    ///   the thread did not open this one
    @Override
    public void close() {
      if (!open) return;
      if (CACHE.get() != this) {
        throw new IllegalStateException(
            "caches of parametrizations must be closed by the thread that opened them, the"
                + " innermost first");
      }
      open = false;
      if (outer != null) {
        CACHE.set(outer);
        return;
      }
      CACHE.remove();
      owned.forEach(Tensor::close);
    }

    private Tensor value(ParametrizationList list) {
      Tensor known = values.get(list);
      if (known != null) return known;
      try (var scope = TensorScope.open()) {
        Tensor value = list.compute();
        if (scope.contains(value)) owned.add(value.keep());
        values.put(list, value);
        return value;
      }
    }
  }

  /// The value of a parametrized tensor, which a cache keeps.
  static Tensor cachedValue(ParametrizationList list) {
    Cached cache = CACHE.get();
    return cache == null ? list.compute() : cache.value(list);
  }
}
