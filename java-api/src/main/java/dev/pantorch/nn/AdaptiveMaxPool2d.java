package dev.pantorch.nn;

import dev.pantorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The greatest values of as many windows as the output is to have places, whatever the size of the
/// image.
///
/// ```java
/// Tensor y = new AdaptiveMaxPool2d(7).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ of the wanted size.
///
/// [torch.nn.AdaptiveMaxPool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AdaptiveMaxPool2d.html)
public final class AdaptiveMaxPool2d extends AdaptiveMaxPoolNd {
  /// A layer.
  ///
  /// @param outputSize the size of the output in every dimension
  public AdaptiveMaxPool2d(long outputSize) {
    super(2, boxed(outputSize));
  }

  /// A layer with an output of given sizes.
  ///
  /// @param outputSize the size of the output in each dimension
  public AdaptiveMaxPool2d(long[] outputSize) {
    super(2, boxed(outputSize));
  }

  /// A layer that leaves some sizes as they are.
  ///
  /// @param outputSize the size of the output in each dimension, null for the input's
  public AdaptiveMaxPool2d(@Nullable Long[] outputSize) {
    super(2, outputSize);
  }

  @Override
  Pooled poolWithIndices(Tensor input, long... outputSize) {
    var found = Functional.adaptiveMaxPool2d(input, outputSize);
    return new Pooled(found.output(), found.indices());
  }
}
