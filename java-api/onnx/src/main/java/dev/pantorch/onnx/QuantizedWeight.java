package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.Module;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A weight as a quantized layer keeps it: bytes with scales, or halves.
///
/// @param stored the elements: int8, or float16
/// @param scales what they are multiplied by: one number (), or one for each row (rows); null for
///   halves
/// @param bias the layer's bias
record QuantizedWeight(Tensor stored, @Nullable Tensor scales, @Nullable Tensor bias) {
  /// Weights that an engine has packed: an attribute of a trace.
  ///
  /// @param object what libtorch keeps
  /// @param owner the module that has it
  record Packed(ScriptObject object, Supplier<Module> owner) {
    QuantizedWeight unpacked(String operator) {
      List<@Nullable Object> parts = Torch.op("quantized::" + operator).call(object);
      return of((Tensor) Objects.requireNonNull(parts.get(0)), (Tensor) parts.get(1));
    }

    /// A number, or several, that the packed weights know.
    List<Long> numbers(String operator) {
      Object result = Torch.op("quantized::" + operator).call(object).getFirst();
      if (result instanceof Long number) return List.of(number);
      return ((List<?>) Objects.requireNonNull(result)).stream().map(Long.class::cast).toList();
    }
  }

  static QuantizedWeight of(Tensor weight, @Nullable Tensor bias) {
    Tensor plain = bias == null ? null : bias.detach();
    if (!weight.isQuantized()) return new QuantizedWeight(weight.detach(), null, plain);
    return new QuantizedWeight(weight.intRepr(), scales(weight), plain);
  }

  private static Tensor scales(Tensor weight) {
    if (isPerRow(weight)) return Torch.qPerChannelScales(weight).to(DType.FLOAT32);
    return Torch.tensor((float) Torch.qScale(weight));
  }

  private static boolean isPerRow(Tensor weight) {
    return TensorCalls.qscheme(weight) == 1;
  }

  boolean isHalf() {
    return scales == null;
  }

  /// The weight as a number, in nodes that a runtime knows to compute with bytes.
  OnnxValue floats(OperatorCall call, String name) {
    OnnxValue constant = call.constant(name, stored);
    return scales == null ? call.floats(constant) : dequantized(call, constant, scales, 0);
  }

  /// The same weight for a product from the right.
  QuantizedWeight turned() {
    return new QuantizedWeight(stored.t(), scales, bias);
  }

  /// A node that multiplies whole numbers by scales.
  static OnnxValue dequantized(OperatorCall call, OnnxValue stored, Tensor scales, int axis) {
    OnnxValue scale = call.constant("scale", scales);
    return call.emit(
        "DequantizeLinear",
        DType.FLOAT32,
        stored.rank(),
        scales.dim() == 0 ? Map.of() : Map.of("axis", axis),
        List.of(stored, scale, call.constant("zero", Torch.zeros(scales.shape(), stored.dtype()))));
  }
}
