package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.nn.Layer;
import java.util.function.UnaryOperator;

/// Where quantized numbers become floats. It returns its input until the model is {@linkplain
/// Quantization#convert_ converted}.
///
/// ```java
/// DeQuantStub dequant = new DeQuantStub();
/// Tensor floats = dequant.forward(x);
/// ```
///
/// [torch.ao.quantization.DeQuantStub](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.DeQuantStub.html)
public final class DeQuantStub extends Layer {
  /// One that returns its input.
  public DeQuantStub() {}

  /// Dequantizes, once it is converted.
  ///
  /// @param input a quantized tensor of any shape
  /// @return its values as floats
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x);
  }

  void convert() {
    ModuleQuantization.get().setForm(this, new DeQuantize());
  }

  private static final class DeQuantize extends LayerForm {
    @Override
    public Object compute(Object input, UnaryOperator<Object> own) {
      return ((Tensor) input).dequantize();
    }

    @Override
    public String typeName(String own) {
      return "DeQuantize";
    }

    @Override
    public boolean isQuantized() {
      return true;
    }
  }
}
