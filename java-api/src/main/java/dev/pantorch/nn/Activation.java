package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.UnaryOperator;

/// What {@link TransformerEncoderLayer} and its siblings compute between their two linear layers:
/// one of the constants, which have a faster path in evaluation, or any function of one tensor.
///
/// ```java
/// new TransformerEncoderLayer(64, 4, o -> o.activation(Activation.GELU));
/// new TransformerEncoderLayer(64, 4, o -> o.activation(Functional::silu));
/// ```
///
/// **Shape.** The result has the input's shape.
@FunctionalInterface
public interface Activation extends UnaryOperator<Tensor> {
  /// $\max(0, x)$.
  Activation RELU = Functional::relu;

  /// The input times the probability that a normal variable is smaller, as {@link GELU} has it.
  Activation GELU = Functional::gelu;
}
