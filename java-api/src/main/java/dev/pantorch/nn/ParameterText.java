package dev.pantorch.nn;

import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How lists and dictionaries of parameters print in Python.
final class ParameterText {
  private ParameterText() {}

  static String lines(Map<String, Tensor> parameters, Function<Tensor, String> type) {
    return parameters.entrySet().stream()
        .map(e -> line(e.getKey(), e.getValue(), type))
        .collect(Collectors.joining("\n"));
  }

  private static String line(String name, Tensor parameter, Function<Tensor, String> type) {
    String size =
        Arrays.stream(parameter.shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    String device = isCuda(parameter) ? " (" + parameter.device() + ")" : "";
    return "  (%s): Parameter containing: [%s of size %s%s]"
        .formatted(name, type.apply(parameter), size, device);
  }

  private static boolean isCuda(Tensor parameter) {
    return parameter.device().type() == DeviceType.CUDA;
  }

  /// The name of a tensor's type in Python: `torch.FloatTensor`.
  static String typeName(Tensor parameter) {
    String dtype =
        switch (parameter.dtype()) {
          case FLOAT32 -> "Float";
          case FLOAT64 -> "Double";
          case FLOAT16 -> "Half";
          case BFLOAT16 -> "BFloat16";
          case COMPLEX64 -> "ComplexFloat";
          case COMPLEX128 -> "ComplexDouble";
          default -> parameter.dtype().toString();
        };
    return (isCuda(parameter) ? "torch.cuda." : "torch.") + dtype + "Tensor";
  }
}
