package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// A module from one tensor to one: what a {@link Sequential} chains.
///
/// ```java
/// class Square extends Layer {
///   @Override
///   public Tensor forward(Tensor input) {
///     return hooked(input, x -> x.mul(x));
///   }
/// }
/// ```
public abstract class Layer extends Module {
  /// For subclasses.
  protected Layer() {}

  /// Computes the output.
  ///
  /// @param input the input, of the shape the layer documents
  /// @return the output
  public abstract Tensor forward(Tensor input);
}
