package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The greatest values of as many windows as the output is to have places, whatever the size of the
/// sequence.
///
/// ```java
/// Tensor y = new AdaptiveMaxPool1d(7).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$
/// of the wanted size.
///
/// [torch.nn.AdaptiveMaxPool1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AdaptiveMaxPool1d.html)
public final class AdaptiveMaxPool1d extends AdaptiveMaxPoolNd {
  /// A layer.
  ///
  /// @param outputSize the size of the output
  public AdaptiveMaxPool1d(long outputSize) {
    super(1, boxed(outputSize));
  }

  @Override
  Pooled poolWithIndices(Tensor input, long... outputSize) {
    var found = Functional.adaptiveMaxPool1d(input, outputSize);
    return new Pooled(found.output(), found.indices());
  }
}
