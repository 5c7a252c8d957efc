package dev.pantorch.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.StorageMemory;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.testing.TensorBytes;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A loaded value in writing, as `describe` in tests/python/checkpoints.py has it: every kind,
/// every bit, and which tensors share memory.
final class ValueText {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Map<Long, Integer> storages = new HashMap<>();

  private ValueText() {}

  static JsonNode describe(@Nullable Object value) {
    return new ValueText().text(value);
  }

  private JsonNode text(@Nullable Object value) {
    return switch (value) {
      case null -> JSON.nullNode();
      case Boolean flag -> JSON.booleanNode(flag);
      case Double d -> object("float", bits(d));
      case Complex c -> object("complex", JSON.arrayNode().add(bits(c.real())).add(bits(c.imag())));
      case Number n -> object("int", JSON.textNode(n.toString()));
      case String s -> object("str", JSON.textNode(s));
      case byte[] bytes -> object("bytes", JSON.textNode(HexFormat.of().formatHex(bytes)));
      case long[] size -> object("size", numbers(size));
      case DType dtype -> object("dtype", JSON.textNode(dtype.toString()));
      case Device device -> object("device", JSON.textNode(device.toString()));
      case Layout layout -> object("layout", JSON.textNode(layout.toString()));
      case List<?> list -> {
        ArrayNode elements = JSON.arrayNode();
        list.forEach(each -> elements.add(text(each)));
        yield object(list instanceof Tuple ? "tuple" : "list", elements);
      }
      case Set<?> set -> {
        ArrayNode elements = JSON.arrayNode();
        set.stream()
            .map(this::text)
            .sorted(Comparator.comparing(JsonNode::toString))
            .forEach(elements::add);
        yield object("set", elements);
      }
      case Map<?, ?> map -> dict(map);
      case Tensor tensor -> object("tensor", tensor(tensor.detach(), tensor.requiresGrad()));
      default -> throw new IllegalArgumentException(value.getClass().getName());
    };
  }

  private JsonNode dict(Map<?, ?> map) {
    ArrayNode entries = JSON.arrayNode();
    map.forEach((key, value) -> entries.add(JSON.arrayNode().add(text(key)).add(text(value))));
    if (!(map instanceof OrderedDict<?, ?> ordered)) return object("dict", entries);
    ObjectNode text = object("OrderedDict", entries);
    if (ordered.attributes().containsKey("_metadata")) {
      text.set("metadata", text(ordered.attributes().get("_metadata")));
    }
    return text;
  }

  private ObjectNode tensor(Tensor tensor, boolean requiresGrad) {
    ObjectNode text = JSON.objectNode();
    text.put("dtype", tensor.dtype().toString()).put("requiresGrad", requiresGrad);
    if (TensorCalls.describe(tensor).has(pantorch_h.PT_TENSOR_NESTED())) {
      ArrayNode parts = JSON.arrayNode();
      for (Tensor part : tensor.unbind(0)) parts.add(new ValueText().tensor(part, false));
      return text.set("nested", parts);
    }
    text.set("size", numbers(tensor.shape()));
    if (tensor.layout() != Layout.STRIDED) {
      return text.put("layout", tensor.layout().toString()).put("dense", bits(tensor.toDense()));
    }
    text.set("stride", numbers(tensor.strides()));
    if (tensor.device().type() == DeviceType.META) return text.put("device", "meta");
    StorageMemory.Description storage = StorageMemory.of(tensor);
    text.put("offset", tensor.storageOffset());
    text.put("storage", storages.computeIfAbsent(storage.identity(), _ -> storages.size()));
    text.put("storageBytes", storage.bytes());
    text.put("conj", tensor.isConj()).put("neg", tensor.isNeg());
    if (tensor.isQuantized()) text.set("quantizer", quantizer(tensor));
    return text.put("bits", bits(tensor));
  }

  private static JsonNode quantizer(Tensor tensor) {
    ArrayNode text = JSON.arrayNode();
    if (TensorCalls.qscheme(tensor) == 0) {
      return text.add(bits(tensor.qScale())).add(tensor.qZeroPoint());
    }
    text.add(bits(tensor.qPerChannelScales())).add(bits(tensor.qPerChannelZeroPoints()));
    return text.add(tensor.qPerChannelAxis());
  }

  private static String bits(Tensor tensor) {
    byte[] bytes = TensorBytes.bytes(tensor).toArray(ValueLayout.JAVA_BYTE);
    return HexFormat.of().formatHex(bytes);
  }

  private static TextNode bits(double value) {
    return JSON.textNode(HexFormat.of().toHexDigits(Double.doubleToRawLongBits(value)));
  }

  private static ArrayNode numbers(long[] values) {
    ArrayNode numbers = JSON.arrayNode();
    for (long value : values) numbers.add(value);
    return numbers;
  }

  private static ObjectNode object(String name, JsonNode value) {
    ObjectNode object = JSON.objectNode();
    object.set(name, value);
    return object;
  }
}
