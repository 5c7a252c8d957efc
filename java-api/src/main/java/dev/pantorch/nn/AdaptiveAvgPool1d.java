package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// The means of as many windows as the output is to have places, whatever the size of the sequence.
///
/// ```java
/// Tensor y = new AdaptiveAvgPool1d(7).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$
/// of the wanted size.
///
/// [torch.nn.AdaptiveAvgPool1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AdaptiveAvgPool1d.html)
public final class AdaptiveAvgPool1d extends AdaptivePoolNd {
  /// A layer.
  ///
  /// @param outputSize the size of the output
  public AdaptiveAvgPool1d(long outputSize) {
    super(1, boxed(outputSize));
  }

  @Override
  Tensor pool(Tensor input, long... outputSize) {
    return Functional.adaptiveAvgPool1d(input, outputSize);
  }
}
