package dev.pantorch;

import dev.pantorch.internal.TensorCalls;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The part of {@link Tensor} that deals with gradients.
///
/// [Automatic differentiation](https://docs.pytorch.org/docs/2.13/autograd.html)
public sealed interface TensorAutograd permits Tensor {
  /// Whether gradients are recorded for the tensor.
  ///
  /// @return whether they are
  boolean requiresGrad();

  /// Whether the tensor was not made by an operator that autograd recorded.
  ///
  /// @return whether it is a leaf
  boolean isLeaf();

  /// Whether the gradient of this non-leaf is kept.
  ///
  /// @return whether it is
  boolean retainsGrad();

  /// Switches the recording of gradients for this tensor, in place.
  ///
  /// @param requires whether gradients are recorded
  /// @return this tensor
  /// @throws TorchException if the tensor is no leaf or has a dtype that is neither floating nor
  ///   complex
  default Tensor requiresGrad_(boolean requires) {
    return TensorCalls.setRequiresGrad((Tensor) this, requires);
  }

  /// Records gradients for this tensor from now on.
  ///
  /// @return this tensor
  default Tensor requiresGrad_() {
    return requiresGrad_(true);
  }

  /// The gradient that backward passes have accumulated.
  ///
  /// @return a tensor of this one's shape, dtype and device that shares the gradient's memory, or
  ///   null before the first backward pass
  default @Nullable Tensor grad() {
    return TensorCalls.grad((Tensor) this);
  }

  /// Replaces the gradient.
  ///
  /// @param grad a tensor of this one's shape, dtype and device; null removes the gradient
  default void setGrad(@Nullable Tensor grad) {
    TensorCalls.setGrad((Tensor) this, grad);
  }

  /// Keeps the gradient of this tensor although it is no leaf.
  default void retainGrad() {
    TensorCalls.retainGrad((Tensor) this);
  }

  /// The name of the function that made the tensor, as `AddmmBackward0`.
  ///
  /// @return the name, or null for a leaf
  default @Nullable String gradFn() {
    return TensorCalls.gradFnName((Tensor) this);
  }

  /// The number of in-place changes so far, by which autograd notices that a value it saved has
  /// changed.
  ///
  /// @return the number
  default long version() {
    return TensorCalls.version((Tensor) this);
  }

  /// Computes the gradients of this one-element tensor with respect to the leaves of its graph and
  /// adds them to their {@link #grad}. The graph is freed.
  ///
  /// @throws TorchException if the tensor has more than one element or no graph
  default void backward() {
    backward(null, false, false);
  }

  /// The same for a tensor of any shape, weighted: the vector-Jacobian product.
  ///
  /// @param gradient a tensor of this one's shape; null for a one-element tensor
  default void backward(@Nullable Tensor gradient) {
    backward(gradient, false, false);
  }

  /// The same, keeping the graph for another pass or recording a graph of the gradients themselves.
  ///
  /// @param gradient a tensor of this one's shape; null for a one-element tensor
  /// @param retainGraph whether the graph is kept
  /// @param createGraph whether the gradients get a graph, for higher derivatives
  default void backward(@Nullable Tensor gradient, boolean retainGraph, boolean createGraph) {
    Autograd.backward(
        List.of((Tensor) this),
        gradient == null ? null : List.of(gradient),
        retainGraph || createGraph,
        createGraph,
        List.of());
  }

  /// Calls a function with each gradient with respect to this tensor, during the backward pass. Its
  /// result replaces the gradient; null leaves it. An exception it throws comes out of `backward()`
  /// as itself.
  ///
  /// @param hook from gradient to replacement or null
  /// @return removes the hook when closed
  default HookHandle registerHook(UnaryOperator<@Nullable Tensor> hook) {
    return TensorCalls.registerHook((Tensor) this, hook);
  }

  /// Calls a function with this leaf after a gradient was added to its {@link #grad}. A tensor has
  /// at most one such hook; the next replaces it.
  ///
  /// @param hook receives this tensor
  /// @return removes the hook when closed
  default HookHandle registerPostAccumulateGradHook(Consumer<Tensor> hook) {
    return TensorCalls.setPostAccumulateHook((Tensor) this, hook);
  }
}
