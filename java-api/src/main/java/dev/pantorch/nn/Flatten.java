package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Makes one dimension of several.
///
/// ```java
/// Tensor y = new Flatten().forward(x); // (32, 10, 5) -> (32, 50)
/// ```
///
/// **Shape.** Input $(*, S_{start}, ..., S_{end}, *)$; output $(*, S_{start} \cdots S_{end}, *)$.
///
/// [torch.nn.Flatten](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Flatten.html)
public final class Flatten extends Layer {
  private final long startDim;
  private final long endDim;

  /// Flattens all dimensions but the first, the batch.
  public Flatten() {
    this(1, -1);
  }

  /// Flattens a range of dimensions.
  ///
  /// @param startDim the first; negative ones count from the last
  /// @param endDim the last; negative ones count from the last
  public Flatten(long startDim, long endDim) {
    this.startDim = startDim;
    this.endDim = endDim;
  }

  /// Flattens the dimensions.
  ///
  /// @param input any shape that has them
  /// @return a view where memory allows
  /// @throws dev.pantorch.IndexException if the input lacks one of the dimensions
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x.flatten(startDim, endDim));
  }

  @Override
  protected String extraRepr() {
    return "start_dim=%d, end_dim=%d".formatted(startDim, endDim);
  }
}
