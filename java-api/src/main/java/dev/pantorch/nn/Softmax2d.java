package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;

/// The softmax over the channels, at each place of an image.
///
/// ```java
/// Tensor y = new Softmax2d().forward(Torch.randn(2, 3, 12, 13));
/// ```
///
/// **Shape.** Input $(N, C, H, W)$ or $(C, H, W)$; output the same, with values from 0 to 1 that
/// sum to 1 over the channels.
///
/// [torch.nn.Softmax2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Softmax2d.html)
public final class Softmax2d extends Layer {
  /// Makes the layer.
  public Softmax2d() {}

  /// Applies the function at each place.
  ///
  /// @param input a tensor $(N, C, H, W)$ or $(C, H, W)$
  /// @return the input's shape
  /// @throws ValueException if it has another number of dimensions
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          long dimensions = x.dim();
          if (dimensions != 3 && dimensions != 4) {
            throw new ValueException(
                "Softmax2d: expected input to be 3D or 4D, got %dD instead".formatted(dimensions));
          }
          return Functional.softmax(x, -3);
        });
  }
}
