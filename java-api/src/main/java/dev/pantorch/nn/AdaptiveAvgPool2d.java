package dev.pantorch.nn;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The means of as many windows as the output is to have places, whatever the size of the image.
///
/// ```java
/// Tensor y = new AdaptiveAvgPool2d(7).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ of the wanted size.
///
/// [torch.nn.AdaptiveAvgPool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AdaptiveAvgPool2d.html)
public final class AdaptiveAvgPool2d extends AdaptivePoolNd {
  /// A layer.
  ///
  /// @param outputSize the size of the output in every dimension
  public AdaptiveAvgPool2d(long outputSize) {
    super(2, boxed(outputSize));
  }

  /// A layer with an output of given sizes.
  ///
  /// @param outputSize the size of the output in each dimension
  public AdaptiveAvgPool2d(long[] outputSize) {
    super(2, boxed(outputSize));
  }

  /// A layer that leaves some sizes as they are.
  ///
  /// @param outputSize the size of the output in each dimension, null for the input's
  public AdaptiveAvgPool2d(@Nullable Long[] outputSize) {
    super(2, outputSize);
  }

  @Override
  Tensor pool(Tensor input, long... outputSize) {
    return Functional.adaptiveAvgPool2d(input, outputSize);
  }
}
