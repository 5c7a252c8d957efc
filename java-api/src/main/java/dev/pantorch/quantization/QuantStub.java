package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.ModuleMembers;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.nn.Layer;
import java.util.function.UnaryOperator;

/// Where floats become quantized numbers. It returns its input until the model is {@linkplain
/// Quantization#convert_ converted}.
///
/// ```java
/// class Net extends Layer {
///   final QuantStub quant = register("quant", new QuantStub());
///   final Linear fc = register("fc", new Linear(64, 10));
///   final DeQuantStub dequant = register("dequant", new DeQuantStub());
///
///   public Tensor forward(Tensor x) {
///     return dequant.forward(fc.forward(quant.forward(x)));
///   }
/// }
/// ```
///
/// [torch.ao.quantization.QuantStub](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.QuantStub.html)
public final class QuantStub extends Layer {
  /// One that returns its input.
  public QuantStub() {}

  /// Quantizes, once it is converted.
  ///
  /// @param input floats of any shape
  /// @return the input, quantized
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x);
  }

  void convert(ObserverBase.QParams parameters, DType dtype) {
    var buffers = ModuleMembers.of(this).buffers();
    buffers.put("scale", Torch.clone(parameters.scale().to(DType.FLOAT32)).keep());
    buffers.put("zero_point", Torch.clone(parameters.zeroPoint().to(DType.INT64)).keep());
    ModuleQuantization.get().setForm(this, new Quantize(dtype));
  }

  private final class Quantize extends ScaledForm {
    private final DType dtype;

    Quantize(DType dtype) {
      this.dtype = dtype;
      super(QuantStub.this);
    }

    @Override
    public Object compute(Object input, UnaryOperator<Object> own) {
      return Torch.quantizePerTensor((Tensor) input, scale(), zeroPoint(), dtype);
    }

    @Override
    public String typeName(String own) {
      return "Quantize";
    }

    @Override
    public String extraRepr(String own) {
      return "scale=%s, zero_point=%s, dtype=%s"
          .formatted(getBuffer("scale"), getBuffer("zero_point"), dtype);
    }
  }
}
