package dev.pantorch.data;

import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Puts the tensors of a batch in page-locked memory, wherever in records, lists and maps they are.
final class PinMemory {
  private PinMemory() {}

  static <B> B of(B batch, boolean wanted) {
    return wanted ? map(batch, Tensor::pinMemory) : batch;
  }

  @SuppressWarnings("unchecked") // each value is replaced by one of its own kind
  static <B extends @Nullable Object> B map(B batch, UnaryOperator<Tensor> pin) {
    return (B)
        switch (batch) {
          case Tensor tensor -> pin.apply(tensor);
          case List<?> list -> {
            var copy = new ArrayList<@Nullable Object>();
            for (Object each : list) copy.add(map(each, pin));
            yield copy;
          }
          case Map<?, ?> map -> {
            var copy = new LinkedHashMap<Object, @Nullable Object>();
            map.forEach((key, each) -> copy.put(key, map(each, pin)));
            yield copy;
          }
          case Record record -> {
            @Nullable Object[] parts = RecordParts.of(record);
            for (int i = 0; i < parts.length; i++) parts[i] = map(parts[i], pin);
            yield RecordParts.make(record, parts);
          }
          case null, default -> batch;
        };
  }
}
