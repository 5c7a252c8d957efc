package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.Layer;

/// Sees what a layer computes while a model is calibrated, and knows afterwards by what scale it is
/// quantized. It returns what it is given.
///
/// ```java
/// ObserverBase observer = new MinMaxObserver();
/// observer.forward(Torch.tensor(new float[] {-1, 4}));
/// double scale = observer.calculateQParams().scale().item(); // 5 / 255
/// ```
///
/// [torch.ao.quantization.observer.ObserverBase](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.ObserverBase.html)
public abstract class ObserverBase extends Layer {
  private final DType dtype;

  ObserverBase(DType dtype) {
    this.dtype = dtype;
  }

  /// The scale and the zero point of one tensor, or of each channel of it.
  ///
  /// @param scale float32, of one element or one for each channel
  /// @param zeroPoint of as many elements: integers, floats for a scheme with such
  public record QParams(Tensor scale, Tensor zeroPoint) {}

  /// What is quantized to.
  ///
  /// @return the dtype
  public final DType dtype() {
    return dtype;
  }

  /// Sees a tensor.
  ///
  /// @param input of any shape
  /// @return the input
  @Override
  public final Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          try (var scope = TensorScope.open();
              var mode = Torch.noGrad()) {
            observe(x);
          }
          return x;
        });
  }

  /// Takes a tensor into the statistics.
  abstract void observe(Tensor input);

  /// What the tensors seen are quantized by.
  ///
  /// @return scale and zero point, which the caller owns
  /// @throws UnsupportedOperationException if the observer keeps no statistics
  public abstract QParams calculateQParams();
}
