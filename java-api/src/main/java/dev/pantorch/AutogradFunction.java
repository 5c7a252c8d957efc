package dev.pantorch;

import static java.util.Objects.requireNonNull;

import dev.pantorch.internal.Functions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A function with a derivative of one's own, `torch.autograd.Function`.
///
/// ```java
/// class Exp extends AutogradFunction {
///   @Override
///   protected List<Tensor> forward(Context context, List<Tensor> inputs) {
///     Tensor result = inputs.getFirst().exp();
///     context.saveForBackward(result);
///     return List.of(result);
///   }
///
///   @Override
///   protected List<Tensor> backward(Context context, List<Tensor> gradOutputs) {
///     Tensor result = context.savedTensors().getFirst();
///     return List.of(gradOutputs.getFirst().mul(result));
///   }
/// }
///
/// Tensor y = new Exp().apply(x);
/// ```
///
/// Arguments other than tensors are fields: `new Scale(3.0).apply(x)`. An object may be applied
/// many times and by several threads if its fields do not change.
///
/// `forward` runs without recording gradients. `backward` is recorded when the backward pass has
/// `createGraph`, so derivatives of it work if it is made of differentiable operators; it may run
/// in another thread than `forward` did. What it makes is freed at its end, except what it
/// {@linkplain Tensor#keep keeps}. What either throws comes out of `apply` or of the backward pass
/// as it is. {@link Autograd#gradcheck} and {@link Autograd#gradgradcheck} compare with finite
/// differences.
///
/// [torch.autograd.Function](https://docs.pytorch.org/docs/2.13/autograd.html#torch.autograd.Function)
public abstract class AutogradFunction {
  /// Makes a function.
  protected AutogradFunction() {}

  /// Computes the results.
  ///
  /// @param context takes what `backward` needs
  /// @param inputs the arguments of {@link #apply}
  /// @return the results, at least one
  protected abstract List<Tensor> forward(Context context, List<Tensor> inputs);

  /// Computes the gradients with respect to the inputs.
  ///
  /// @param context has what `forward` saved
  /// @param gradOutputs the gradient with respect to each result, of its shape; null for one
  ///   without only after {@link Context#setMaterializeGrads setMaterializeGrads(false)}
  /// @return a gradient for each input, of its shape, or null where it has none
  protected abstract List<@Nullable Tensor> backward(
      Context context, List<@Nullable Tensor> gradOutputs);

  /// Whether differentiating `backward` itself is an error, Python's `@once_differentiable`: for
  /// one that does not consist of differentiable operators. It then runs without recording.
  ///
  /// @return false unless overridden
  protected boolean isOnceDifferentiable() {
    return false;
  }

  /// Applies a function with one result.
  ///
  /// @param inputs the arguments
  /// @return the result
  /// @throws TorchException if `forward` returned another number of results
  public final Tensor apply(Tensor... inputs) {
    List<Tensor> results = applyAll(inputs);
    if (results.size() != 1) {
      throw new TorchException(
          "%s returned %d results; apply is for one, applyAll for any number"
              .formatted(getClass().getSimpleName(), results.size()));
    }
    return results.getFirst();
  }

  /// Applies a function with any number of results.
  ///
  /// @param inputs the arguments
  /// @return the results, which belong to the innermost scope
  /// @throws TorchException if `forward` returned no result, or marked a tensor that is no input or
  ///   result of it
  public final List<Tensor> applyAll(Tensor... inputs) {
    List<Tensor> given = List.of(inputs);
    boolean recording = Torch.isGradEnabled();
    boolean[] needs = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) needs[i] = recording && inputs[i].requiresGrad();
    Context context = new Context(needs);
    List<Tensor> outputs = Torch.noGrad(() -> forward(context, given));
    requireNonNull(outputs, "forward returned null; expected a list of tensors");
    if (outputs.isEmpty()) {
      throw new TorchException(
          "%s returned no result; expected at least one".formatted(getClass().getSimpleName()));
    }
    requireAmong(given, context.dirty, "markDirty", "an input");
    requireAmong(outputs, context.nonDifferentiable, "markNonDifferentiable", "a result");
    int flags =
        (context.materializeGrads ? Functions.materializeGrads() : 0)
            | (isOnceDifferentiable() ? Functions.onceDifferentiable() : 0);
    return Functions.apply(
        new Functions.Call(
            getClass().getSimpleName() + "Backward",
            flags,
            given,
            outputs,
            context.dirty,
            context.nonDifferentiable,
            context.saved,
            (List<@Nullable Tensor> grads, List<Tensor> saved) ->
                backward(new Context(needs, saved), grads)));
  }

  private void requireAmong(List<Tensor> all, List<Tensor> marked, String method, String what) {
    for (Tensor tensor : marked) {
      if (all.stream().noneMatch(t -> t == tensor)) {
        throw new TorchException(
            "%s: %s was given a tensor that is not %s of forward"
                .formatted(getClass().getSimpleName(), method, what));
      }
    }
  }

  /// What one call of a function passes from `forward` to `backward`.
  public static final class Context {
    private final boolean[] needsInputGrad;
    private final List<Tensor> dirty = new ArrayList<>();
    private final List<Tensor> nonDifferentiable = new ArrayList<>();
    private List<Tensor> saved = List.of();
    private final boolean backward;
    private boolean materializeGrads = true;

    private Context(boolean[] needsInputGrad) {
      this.needsInputGrad = needsInputGrad;
      this.backward = false;
    }

    private Context(boolean[] needsInputGrad, List<Tensor> saved) {
      this.needsInputGrad = needsInputGrad;
      this.saved = List.copyOf(saved);
      this.backward = true;
    }

    /// Saves inputs, results or other tensors for `backward`, where a later change in place of them
    /// is noticed. A second call replaces the first.
    ///
    /// @param tensors what is saved
    public void saveForBackward(Tensor... tensors) {
      requireForward("saveForBackward");
      saved = List.of(tensors);
    }

    /// What was saved, in `backward` only.
    ///
    /// @return the tensors in the order in which they were saved
    public List<Tensor> savedTensors() {
      if (!backward) {
        throw new IllegalStateException(
            "savedTensors is for backward; forward has the tensors themselves");
      }
      return saved;
    }

    /// Says that `forward` changed inputs in place; they must be among its results, too.
    ///
    /// @param inputs the changed ones
    public void markDirty(Tensor... inputs) {
      requireForward("markDirty");
      dirty.addAll(List.of(inputs));
    }

    /// Says that results have no gradient, indices for instance.
    ///
    /// @param outputs the results
    public void markNonDifferentiable(Tensor... outputs) {
      requireForward("markNonDifferentiable");
      nonDifferentiable.addAll(List.of(outputs));
    }

    /// Sets what `backward` gets for a result that no gradient reaches.
    ///
    /// @param value true, as unless set, for a tensor of zeros; false for null
    public void setMaterializeGrads(boolean value) {
      requireForward("setMaterializeGrads");
      materializeGrads = value;
    }

    /// Whether a gradient with respect to an input is wanted.
    ///
    /// @param input its number, from 0
    /// @return whether it is
    public boolean needsInputGrad(int input) {
      return needsInputGrad[input];
    }

    private void requireForward(String method) {
      if (backward) throw new IllegalStateException(method + " is for forward");
    }
  }
}
