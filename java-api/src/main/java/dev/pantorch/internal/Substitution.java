package dev.pantorch.internal;

import dev.pantorch.Tensor;
import java.util.function.Supplier;

/// In the place of a tensor's owner: the tensor has no values of its own, and each use takes those
/// that are computed then. Fields and lists that refer to the tensor need not change.
public final class Substitution {
  private final Supplier<Tensor> source;

  private Substitution(Supplier<Tensor> source) {
    this.source = source;
  }

  NativeTensor compute() {
    return source.get();
  }

  /// Makes each use of a tensor a use of what is computed.
  ///
  /// @return a tensor with the memory and the gradient that it had
  public static Tensor begin(Tensor tensor, Supplier<Tensor> source) {
    return ((NativeTensor) tensor).beginSubstitution(new Substitution(source));
  }

  /// Gives a tensor the memory and the gradient of another one.
  public static void end(Tensor tensor, Tensor other) {
    ((NativeTensor) tensor).endSubstitution(other);
  }

  /// What a tensor stands for: itself, unless it is computed at each use. For functions that use it
  /// several times; null stays null, for the operator to say so.
  public static Tensor value(Tensor tensor) {
    NativeTensor state = tensor;
    return state != null && state.owner instanceof Substitution substitution
        ? substitution.source.get()
        : tensor;
  }

  /// Throws if a tensor is computed at each use: an optimizer that has it would do nothing.
  static void requireNone(Tensor tensor) {
    if (((NativeTensor) tensor).isSubstituted()) {
      throw new IllegalStateException(
          "a parametrized tensor has no gradient: the tensors that it is computed from have."
              + " Make the optimizer after the parametrization, from model.parameters()");
    }
  }
}
