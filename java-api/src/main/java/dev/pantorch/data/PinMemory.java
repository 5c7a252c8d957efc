package dev.pantorch.data;

import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Puts the tensors of a batch in page-locked memory.
final class PinMemory {
  private PinMemory() {}

  @SuppressWarnings("unchecked") // each value is replaced by one of its own kind
  static <B> B of(B batch, boolean wanted) {
    return wanted ? (B) pinned(batch) : batch;
  }

  private static Object pinned(Object value) {
    return switch (value) {
      case Tensor tensor -> tensor.pinMemory();
      case Example example ->
          new Example(example.input().pinMemory(), example.target().pinMemory());
      case PaddedBatch padded ->
          new PaddedBatch(padded.data().pinMemory(), padded.lengths().pinMemory());
      case List<?> list -> {
        var copy = new ArrayList<Object>();
        for (Object each : list) copy.add(pinned(each));
        yield copy;
      }
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<Object, Object>();
        map.forEach((key, each) -> copy.put(key, pinned(each)));
        yield copy;
      }
      default -> value;
    };
  }
}
