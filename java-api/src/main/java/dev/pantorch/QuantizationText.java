package dev.pantorch;

import dev.pantorch.internal.TensorCalls;
import java.util.List;

/// What a printed quantized tensor says of its scales.
final class QuantizationText {
  // By c10::QScheme's numbers.
  private static final List<String> SCHEMES =
      List.of(
          "per_tensor_affine",
          "per_channel_affine",
          "per_tensor_symmetric",
          "per_channel_symmetric",
          "per_channel_affine_float_qparams");

  private QuantizationText() {}

  static void addTo(List<String> suffixes, Tensor tensor, PrintOptions options) {
    String scheme = SCHEMES.get(TensorCalls.qscheme(tensor));
    suffixes.add("quantization_scheme=torch." + scheme);
    if (scheme.startsWith("per_tensor")) {
      suffixes.add("scale=" + PythonNumbers.repr(tensor.qScale()));
      suffixes.add("zero_point=" + tensor.qZeroPoint());
    } else {
      suffixes.add("scale=" + TensorPrinter.print(tensor.qPerChannelScales(), options));
      suffixes.add("zero_point=" + TensorPrinter.print(tensor.qPerChannelZeroPoints(), options));
      suffixes.add("axis=" + tensor.qPerChannelAxis());
    }
  }
}
