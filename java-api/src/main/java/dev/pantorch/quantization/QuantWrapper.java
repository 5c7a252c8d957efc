package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Layer;

/// A layer between a {@link QuantStub} and a {@link DeQuantStub}: floats go in and come out, and
/// all in it is quantized.
///
/// ```java
/// Layer net = new QuantWrapper(new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10)));
/// ```
///
/// [torch.ao.quantization.QuantWrapper](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.QuantWrapper.html)
public final class QuantWrapper extends Layer {
  private final QuantStub quant = register("quant", new QuantStub());
  private final DeQuantStub dequant = register("dequant", new DeQuantStub());
  private final Layer module;

  /// Wraps a layer.
  ///
  /// @param module the layer, which becomes the child `module`
  public QuantWrapper(Layer module) {
    this.module = register("module", module);
    train(module.isTraining());
  }

  /// Computes the layer.
  ///
  /// @param input floats of the shape that the layer takes
  /// @return floats of the shape that it returns
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> dequant.forward(module.forward(quant.forward(x))));
  }
}
