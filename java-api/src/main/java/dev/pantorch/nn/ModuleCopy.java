package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ops.Internal;
import java.util.Map;

/// Makes a module equal to one that was built alike, as Python's `copy.deepcopy` leaves it.
final class ModuleCopy {
  private ModuleCopy() {}

  static void into(Module copy, Module original) {
    Map<String, Module> copies = copy.namedModules();
    Map<String, Module> originals = original.namedModules();
    tensors(copy.namedParameters(), original.namedParameters());
    tensors(copy.namedBuffers(), original.namedBuffers());
    originals.forEach((path, module) -> module.copyModesTo(member(copies, path)));
  }

  private static void tensors(Map<String, Tensor> copies, Map<String, Tensor> originals) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      originals.forEach((path, tensor) -> {
        Tensor twin = member(copies, path);
        Internal.setData(twin, Torch.clone(tensor));
        twin.requiresGrad_(tensor.requiresGrad());
      });
    }
  }

  private static <T> T member(Map<String, T> members, String path) {
    T member = members.get(path);
    if (member != null) return member;
    throw new IllegalStateException(
        "a layer that was given '%s' after it was made cannot be copied: build the stack first"
            .formatted(path));
  }
}
