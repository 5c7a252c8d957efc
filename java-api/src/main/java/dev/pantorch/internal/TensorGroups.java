package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Lists of tensors by device and dtype, for the operators on lists, which want both equal.
public final class TensorGroups {
  private record Key(Device device, DType dtype) {}

  private TensorGroups() {}

  private static Key key(Tensor tensor) {
    TensorDescription description = TensorCalls.describe(tensor);
    return new Key(description.device(), description.dtype());
  }

  /// The tensors in groups, each in their order.
  public static List<List<Tensor>> byDeviceAndDtype(List<Tensor> tensors) {
    Map<Key, List<Tensor>> groups = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      groups.computeIfAbsent(key(tensor), k -> new ArrayList<>()).add(tensor);
    }
    return List.copyOf(groups.values());
  }

  /// The positions of the tensors in groups, for lists that run beside them.
  public static List<List<Integer>> positions(List<Tensor> tensors) {
    Map<Key, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      groups.computeIfAbsent(key(tensors.get(i)), k -> new ArrayList<>()).add(i);
    }
    return List.copyOf(groups.values());
  }
}
