package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// State dicts of Python's quantized modules, which are not of tensors alone.
final class PythonState {
  private static final String PACKED = "_packed_params.";

  private PythonState() {}

  static SequencedMap<String, Tensor> tensors(Map<String, ?> python) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    python.forEach((key, value) -> {
      int at = key.lastIndexOf(PACKED);
      boolean packed = at == 0 || (at > 0 && key.charAt(at - 1) == '.');
      if (packed)
        put(tensors, key, key.substring(0, at), key.substring(at + PACKED.length()), value);
      else put(tensors, key, key, value);
    });
    return tensors;
  }

  private static void put(
      Map<String, Tensor> tensors, String key, String module, String name, @Nullable Object value) {
    switch (name) {
      case "dtype" -> {}
      case "_packed_weight" -> put(tensors, key, module + "weight", value);
      case "_packed_params" -> {
        if (!(value instanceof List<?> pair) || pair.size() != 2) throw unknown(key, value);
        put(tensors, key, module + "weight", pair.get(0));
        put(tensors, key, module + "bias", pair.get(1));
      }
      default -> throw unknown(key, value);
    }
  }

  private static void put(
      Map<String, Tensor> tensors, String key, String name, @Nullable Object value) {
    if (value instanceof Tensor tensor) tensors.put(name, tensor);
    else if (value != null) throw unknown(key, value);
  }

  private static ValueException unknown(String key, @Nullable Object value) {
    return new ValueException(
        "'%s' is %s, which no module here has in its state".formatted(key, value));
  }
}
