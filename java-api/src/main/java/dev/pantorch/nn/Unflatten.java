package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// Makes several dimensions of one: the inverse of {@link Flatten}.
///
/// ```java
/// Tensor y = new Unflatten(1, 2, 5, 5).forward(Torch.randn(32, 50)); // (32, 2, 5, 5)
/// ```
///
/// **Shape.** Input $(*, S, *)$; output $(*, U_1, ..., U_n, *)$ with $\prod U_i = S$.
///
/// [torch.nn.Unflatten](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Unflatten.html)
public final class Unflatten extends Layer {
  private final long dim;
  private final long[] unflattenedSize;

  /// Makes the layer.
  ///
  /// @param dim the dimension; negative ones count from the last
  /// @param unflattenedSize the sizes that it becomes; one may be -1, for what is left
  public Unflatten(long dim, long... unflattenedSize) {
    this.dim = dim;
    this.unflattenedSize = unflattenedSize.clone();
  }

  /// Unflattens the dimension.
  ///
  /// @param input any shape that has it
  /// @return a view
  /// @throws dev.pantorch.TorchException if the input lacks the dimension, or its size is not the
  ///   product
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x.unflatten(dim, unflattenedSize));
  }

  @Override
  protected String extraRepr() {
    return "dim=%d, unflattened_size=%s".formatted(dim, PythonText.tuple(unflattenedSize));
  }
}
