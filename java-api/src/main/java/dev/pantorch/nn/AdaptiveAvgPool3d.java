package dev.pantorch.nn;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The means of as many windows as the output is to have places, whatever the size of the volume.
///
/// ```java
/// Tensor y = new AdaptiveAvgPool3d(7).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$ of the wanted size.
///
/// [torch.nn.AdaptiveAvgPool3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AdaptiveAvgPool3d.html)
public final class AdaptiveAvgPool3d extends AdaptivePoolNd {
  /// A layer.
  ///
  /// @param outputSize the size of the output in every dimension
  public AdaptiveAvgPool3d(long outputSize) {
    super(3, boxed(outputSize));
  }

  /// A layer with an output of given sizes.
  ///
  /// @param outputSize the size of the output in each dimension
  public AdaptiveAvgPool3d(long[] outputSize) {
    super(3, boxed(outputSize));
  }

  /// A layer that leaves some sizes as they are.
  ///
  /// @param outputSize the size of the output in each dimension, null for the input's
  public AdaptiveAvgPool3d(@Nullable Long[] outputSize) {
    super(3, outputSize);
  }

  @Override
  Tensor pool(Tensor input, long... outputSize) {
    return Functional.adaptiveAvgPool3d(input, outputSize);
  }
}
