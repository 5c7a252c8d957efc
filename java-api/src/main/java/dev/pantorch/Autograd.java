package dev.pantorch;

import static java.util.Objects.requireNonNull;

import dev.pantorch.internal.CallContext;
import dev.pantorch.internal.Modes;
import dev.pantorch.internal.SavedTensorHooks;
import dev.pantorch.internal.TensorCalls;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Gradients of any outputs with respect to any inputs, and the modes that switch recording.
///
/// ```java
/// Tensor x = Torch.tensor(1.0, 2.0, 3.0).requiresGrad_();
/// Tensor gradient = Autograd.grad(x.pow(2).sum(), x); // 2, 4, 6
/// Autograd.gradcheck(Tensor::sin, x); // agrees with finite differences
/// ```
///
/// [torch.autograd](https://docs.pytorch.org/docs/2.13/autograd.html)
public final class Autograd {
  private Autograd() {}

  /// Restores the previous mode of the thread when closed. Belongs to the thread that opened it.
  public static final class Mode implements AutoCloseable {
    private final CallContext context;
    private final long previous;
    private boolean open = true;

    private Mode(long word) {
      this.context = CallContext.current();
      this.previous = context.mode();
      context.setMode(word);
    }

    /// Restores the previous mode; a second close does nothing.
    ///
    /// @throws IllegalStateException if called by another thread
    @Override
    public void close() {
      if (context != CallContext.current()) {
        throw new IllegalStateException(
            "a grad mode was closed by thread '%s', which did not open it"
                .formatted(Thread.currentThread().getName()));
      }
      if (!open) return;
      open = false;
      context.setMode(previous);
    }

    <T extends @Nullable Object> T run(Supplier<T> body) {
      try (this) {
        return body.get();
      }
    }
  }

  static Mode noGrad() {
    return new Mode(Modes.withGrad(CallContext.current().mode(), false));
  }

  /// Without gradients and without being part of a trace.
  static Mode unrecorded() {
    return new Mode(Modes.untraced(Modes.withGrad(CallContext.current().mode(), false)));
  }

  static Mode enableGrad() {
    return new Mode(Modes.withGrad(CallContext.current().mode(), true));
  }

  static Mode inference(boolean enabled) {
    return new Mode(Modes.withInference(CallContext.current().mode(), enabled));
  }

  /// Whether operators of this thread are recorded.
  ///
  /// @return whether they are
  public static boolean isGradEnabled() {
    return Modes.gradEnabled(CallContext.current().mode());
  }

  /// Whether this thread is in inference mode.
  ///
  /// @return whether it is
  public static boolean isInferenceModeEnabled() {
    return Modes.inference(CallContext.current().mode());
  }

  /// Adds the gradients of the outputs to the {@link Tensor#grad} of leaves,
  /// `torch.autograd.backward`.
  ///
  /// @param outputs what is differentiated
  /// @param gradOutputs weights of the outputs' shapes; null where all outputs have one element
  /// @param retainGraph whether the graph is kept for another pass
  /// @param createGraph whether the gradients get a graph
  /// @param inputs the tensors that gradients are added to; empty for all leaves
  /// @throws TorchException if an output has no graph or needs a weight
  public static void backward(
      List<Tensor> outputs,
      @Nullable List<Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph,
      List<Tensor> inputs) {
    TensorCalls.backward(outputs, gradOutputs, retainGraph, createGraph, inputs);
  }

  /// The gradients of outputs with respect to inputs, without touching {@link Tensor#grad}:
  /// `torch.autograd.grad`.
  ///
  /// @param outputs what is differentiated
  /// @param inputs with respect to what
  /// @return one gradient for each input
  /// @throws TorchException if an output has no graph, needs a weight, or does not depend on an
  ///   input
  public static List<Tensor> grad(List<Tensor> outputs, List<Tensor> inputs) {
    @SuppressWarnings("NullAway") // without allowUnused there is a gradient for each input
    List<Tensor> all = grad(outputs, inputs, null, false, false, false);
    return all;
  }

  /// The gradient of one output with respect to one input.
  ///
  /// @param output a one-element tensor
  /// @param input with respect to what
  /// @return a tensor of the input's shape
  public static Tensor grad(Tensor output, Tensor input) {
    requireNonNull(output, "the output is null; expected a Tensor");
    requireNonNull(input, "the input is null; expected a Tensor");
    return grad(List.of(output), List.of(input)).getFirst();
  }

  /// The same with all options.
  ///
  /// @param outputs what is differentiated
  /// @param inputs with respect to what
  /// @param gradOutputs weights of the outputs' shapes; null where all outputs have one element
  /// @param retainGraph whether the graph is kept for another pass
  /// @param createGraph whether the gradients get a graph
  /// @param allowUnused whether an input may be unused; its gradient is then null
  /// @return one gradient for each input
  public static List<@Nullable Tensor> grad(
      List<Tensor> outputs,
      List<Tensor> inputs,
      @Nullable List<Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph,
      boolean allowUnused) {
    return TensorCalls.gradients(
        outputs, inputs, gradOutputs, retainGraph, createGraph, allowUnused);
  }

  /// Compares the gradients of a function with finite differences, `torch.autograd.gradcheck`.
  ///
  /// @param function from one tensor to one
  /// @param input float64, requiring a gradient
  /// @return true
  /// @throws GradcheckException if they differ
  public static boolean gradcheck(UnaryOperator<Tensor> function, Tensor input) {
    return gradcheck(inputs -> List.of(function.apply(inputs.getFirst())), List.of(input), o -> {});
  }

  /// The same for a function of several tensors, with options. Complex tensors are not covered.
  ///
  /// @param function from the inputs to its outputs
  /// @param inputs float64 where they require a gradient; those that do not are left alone
  /// @param settings sets the options
  /// @return true, or whether they agree if {@link GradcheckOptions#raiseException} is off
  /// @throws GradcheckException if they differ
  /// @throws ValueException if no input requires a gradient
  ///
  ///   [torch.autograd.gradcheck](https://docs.pytorch.org/docs/2.13/generated/torch.autograd.gradcheck.gradcheck.html)
  public static boolean gradcheck(
      Function<List<Tensor>, List<Tensor>> function,
      List<Tensor> inputs,
      Consumer<GradcheckOptions> settings) {
    GradcheckOptions options = new GradcheckOptions();
    settings.accept(options);
    return new Gradcheck(function, inputs, options).run();
  }

  /// Compares second derivatives with finite differences, `torch.autograd.gradgradcheck`: the
  /// gradients of a function, weighted by random numbers of the default generator, are checked as
  /// {@link #gradcheck} checks a function.
  ///
  /// @param function from the inputs to its outputs
  /// @param inputs float64 where they require a gradient; those that do not are left alone
  /// @param settings sets the options
  /// @return true, or whether they agree if {@link GradcheckOptions#raiseException} is off
  /// @throws GradcheckException if they differ
  /// @throws ValueException if no input requires a gradient
  ///
  ///   [torch.autograd.gradgradcheck](https://docs.pytorch.org/docs/2.13/generated/torch.autograd.gradcheck.gradgradcheck.html)
  public static boolean gradgradcheck(
      Function<List<Tensor>, List<Tensor>> function,
      List<Tensor> inputs,
      Consumer<GradcheckOptions> settings) {
    GradcheckOptions options = new GradcheckOptions();
    settings.accept(options);
    return TensorScope.scope(() -> Gradcheck.ofGradients(function, inputs, options).run());
  }

  /// The same for a function from one tensor to one.
  ///
  /// @param function from one tensor to one
  /// @param input float64, requiring a gradient
  /// @return true
  /// @throws GradcheckException if they differ
  public static boolean gradgradcheck(UnaryOperator<Tensor> function, Tensor input) {
    return gradgradcheck(
        inputs -> List.of(function.apply(inputs.getFirst())), List.of(input), o -> {});
  }

  /// Lets Java keep what graphs save for their backward passes, in this thread until closed:
  /// `torch.autograd.graph.saved_tensors_hooks`. The tensors that were saved meanwhile are asked
  /// for later, closed or not.
  ///
  /// ```java
  /// Tensor y;
  /// try (var hooks = Autograd.savedTensorsHooks(t -> t.to(DType.FLOAT16).keep(), Tensor::float32)) {
  ///   y = model.forward(x);
  /// }
  /// y.sum().backward();
  /// ```
  ///
  /// @param pack gets a tensor that belongs to the innermost scope and must not be changed; returns
  ///   what is kept of it
  /// @param unpack gets that, once for each use, and returns a tensor of the same values
  /// @param <T> what is kept
  /// @return ends it when closed, in the same thread and in the order of nesting
  public static <T> HookHandle savedTensorsHooks(
      Function<? super Tensor, ? extends T> pack, Function<? super T, Tensor> unpack) {
    requireNonNull(pack, "the pack function is null");
    requireNonNull(unpack, "the unpack function is null");
    @SuppressWarnings("unchecked") // only gets what pack returned
    Function<Object, Tensor> unpackAny = (Function<Object, Tensor>) unpack;
    return SavedTensorHooks.open(
            tensor -> requireNonNull(pack.apply(tensor), "the pack function returned null"),
            unpackAny)
        ::close;
  }

  /// Keeps what graphs save in the CPU's memory, `torch.autograd.graph.save_on_cpu`: models that do
  /// not fit an accelerator's memory train more slowly instead.
  ///
  /// @return ends it when closed, in the same thread and in the order of nesting
  public static HookHandle saveOnCpu() {
    record OnCpu(Device device, Tensor copy) {}
    return savedTensorsHooks(
        tensor -> new OnCpu(tensor.device(), tensor.to(Device.CPU).keep()),
        (OnCpu saved) -> saved.copy.to(saved.device));
  }

  /// Makes errors in backward passes name the forward operator, and NaN gradients errors, for the
  /// whole process. The stack of the Java call that made the failing part of the graph is logged as
  /// a warning. Slow; for debugging.
  ///
  /// @param enabled whether it is on
  /// @param checkNan whether NaN gradients are errors
  public static void setDetectAnomaly(boolean enabled, boolean checkNan) {
    TensorCalls.setAnomalyMode(enabled, checkNan);
  }
}
