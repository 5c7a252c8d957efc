package dev.pantorch.parity;

import dev.pantorch.Tensor;
import java.util.HashMap;
import java.util.Map;

/// The tensors of a sample, by the numbers that the fixture gives them.
public final class Variables {
  private final Map<Integer, Tensor> tensors = new HashMap<>();

  Tensor get(int number) {
    Tensor tensor = tensors.get(number);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "the fixture uses tensor %d before it is there".formatted(number));
    }
    return tensor;
  }

  void put(int number, Tensor tensor) {
    tensors.put(number, tensor);
  }
}
