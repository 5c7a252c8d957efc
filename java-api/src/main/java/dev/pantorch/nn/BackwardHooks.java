package dev.pantorch.nn;

import dev.pantorch.AutogradFunction;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.internal.Log;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The backward hooks around one forward, as Python's `torch.utils.hooks.BackwardHook`: a node of
/// the graph before it sees the gradients of the inputs, one behind it those of the outputs.
final class BackwardHooks {

  private final Module module;
  private final List<Module.BackwardHook> hooks;
  private final List<Module.BackwardPreHook> preHooks;
  private boolean inputsTracked;
  private int inputs;

  /// From the pass through the outputs to that through the inputs, on whatever threads.
  private volatile @Nullable List<@Nullable Tensor> gradOutput;

  BackwardHooks(
      Module module, List<Module.BackwardHook> hooks, List<Module.BackwardPreHook> preHooks) {
    this.module = module;
    this.hooks = List.copyOf(hooks);
    this.preHooks = List.copyOf(preHooks);
  }

  <I> I input(I given) {
    List<Tensor> tensors = tensors(given);
    inputs = tensors.size();
    inputsTracked = tracked(tensors);
    return inputsTracked ? replaced(given, tensors, this::inputsDone, true) : given;
  }

  <O> O output(O returned) {
    List<Tensor> tensors = tensors(returned);
    return tracked(tensors) ? replaced(returned, tensors, this::outputsDone, false) : returned;
  }

  private static boolean tracked(List<Tensor> tensors) {
    return Torch.isGradEnabled() && tensors.stream().anyMatch(Tensor::requiresGrad);
  }

  private List<@Nullable Tensor> outputsDone(List<@Nullable Tensor> grads) {
    List<@Nullable Tensor> current = grads;
    for (Module.BackwardPreHook hook : preHooks) {
      List<@Nullable Tensor> replacement = hook.apply(module, view(current));
      if (replacement == null) continue;
      checkNumber("Backward pre hook", "grad_output", replacement, current);
      current = replacement;
    }
    if (inputsTracked) {
      List<@Nullable Tensor> kept = new ArrayList<>();
      // The engine frees what it gave this node before it comes to the other.
      for (Tensor grad : current) kept.add(grad == null ? null : grad.alias().keep());
      gradOutput = kept;
      return current;
    }
    if (hooks.isEmpty()) return current;
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "Full backward hook is firing when gradients are computed with respect to module outputs"
            + " since no inputs require gradients. See"
            + " https://docs.pytorch.org/docs/2.13/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook"
            + " for more details.");
    List<@Nullable Tensor> none = new ArrayList<>();
    for (int i = 0; i < inputs; i++) none.add(null);
    for (Module.BackwardHook hook : hooks) {
      List<@Nullable Tensor> replacement = hook.apply(module, view(none), view(current));
      if (replacement != null && replacement.stream().anyMatch(Objects::nonNull)) {
        throw new TorchException(
            "Backward hook for Modules where no input requires gradient should always return None"
                + " or None for all gradients.");
      }
    }
    return current;
  }

  private List<@Nullable Tensor> inputsDone(List<@Nullable Tensor> grads) {
    List<@Nullable Tensor> outputs = gradOutput;
    // The gradient came past the outputs, that of a gradient for example.
    if (outputs == null) return grads;
    gradOutput = null;
    List<@Nullable Tensor> current = grads;
    for (Module.BackwardHook hook : hooks) {
      List<@Nullable Tensor> replacement = hook.apply(module, view(current), view(outputs));
      if (replacement == null) continue;
      checkNumber("Backward hook", "grad_input", replacement, current);
      current = replacement;
    }
    return current;
  }

  private static List<@Nullable Tensor> view(List<@Nullable Tensor> grads) {
    return new ArrayList<>(grads);
  }

  private static void checkNumber(String hook, String what, List<?> replacement, List<?> expected) {
    if (replacement.size() != expected.size()) {
      throw new TorchException(
          "%s returned an invalid number of %s, got %d, but expected %d"
              .formatted(hook, what, replacement.size(), expected.size()));
    }
  }

  /// Passes its inputs on, and its gradients back through a function.
  private static final class BackwardHookFunction extends AutogradFunction {
    private final UnaryOperator<List<@Nullable Tensor>> gradients;
    private final boolean zeros;

    BackwardHookFunction(UnaryOperator<List<@Nullable Tensor>> gradients, boolean zeros) {
      this.gradients = gradients;
      this.zeros = zeros;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> inputs) {
      context.setMaterializeGrads(zeros);
      context.markNonDifferentiable(
          inputs.stream().filter(i -> !i.requiresGrad()).toArray(Tensor[]::new));
      return inputs;
    }

    @Override
    protected List<@Nullable Tensor> backward(Context context, List<@Nullable Tensor> gradOutputs) {
      return gradients.apply(gradOutputs);
    }
  }

  /// The value with tensors that have the node in their history.
  private static <T> T replaced(
      T value,
      List<Tensor> tensors,
      UnaryOperator<List<@Nullable Tensor>> gradients,
      boolean zeros) {
    var function = new BackwardHookFunction(gradients, zeros);
    return rebuilt(value, function.applyAll(tensors.toArray(Tensor[]::new)).iterator());
  }

  private static List<Tensor> tensors(@Nullable Object value) {
    List<Tensor> found = new ArrayList<>();
    collect(value, found);
    return found;
  }

  private static void collect(@Nullable Object value, List<Tensor> found) {
    if (value instanceof Tensor tensor) found.add(tensor);
    if (value instanceof Record several) {
      for (Object component : components(several)) collect(component, found);
    }
  }

  @SuppressWarnings("unchecked") // a record becomes one of the same class
  private static <T extends @Nullable Object> T rebuilt(T value, Iterator<Tensor> tensors) {
    if (value instanceof Tensor) return (T) tensors.next();
    if (!(value instanceof Record several) || tensors(several).isEmpty()) return value;
    @Nullable Object[] components = components(several);
    for (int i = 0; i < components.length; i++) components[i] = rebuilt(components[i], tensors);
    try {
      Constructor<?> constructor =
          several
              .getClass()
              .getDeclaredConstructor(
                  Arrays.stream(several.getClass().getRecordComponents())
                      .map(RecordComponent::getType)
                      .toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return (T) constructor.newInstance(components);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw unreadable(several, e);
    }
  }

  private static @Nullable Object[] components(Record several) {
    RecordComponent[] components = several.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        components[i].getAccessor().setAccessible(true);
        values[i] = components[i].getAccessor().invoke(several);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw unreadable(several, e);
    }
    return values;
  }

  private static TypeException unreadable(Record several, Exception cause) {
    String name = several.getClass().getName();
    TypeException refusal =
        new TypeException(
            "backward hooks cannot take %s apart: make it public or open its package to dev.pantorch"
                .formatted(name));
    refusal.initCause(cause);
    return refusal;
  }
}
