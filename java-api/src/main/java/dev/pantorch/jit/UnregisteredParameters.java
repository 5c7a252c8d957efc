package dev.pantorch.jit;

import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.nn.Module;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Names the tensors that a trace cannot take as constants, since they require gradients and no
/// module has them registered.
final class UnregisteredParameters {
  private static final String REFUSED = "Cannot insert a Tensor that requires grad as a constant";

  private UnregisteredParameters() {}

  /// The exception with the names of the fields, where it is about such tensors.
  static TorchException named(TorchException refusal, Module module) {
    if (!String.valueOf(refusal.getMessage()).contains(REFUSED)) return refusal;
    Set<Tensor> registered = Collections.newSetFromMap(new IdentityHashMap<>());
    registered.addAll(module.parameters());
    registered.addAll(module.buffers());
    List<String> names = new ArrayList<>();
    module
        .namedModules()
        .forEach((path, owner) -> {
          for (Class<?> type = owner.getClass();
              type != null && type != Module.class;
              type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
              if (isUnregistered(owner, field, registered)) {
                names.add((path.isEmpty() ? "" : path + ".") + field.getName());
              }
            }
          }
        });
    if (names.isEmpty()) return refusal;
    TorchException better =
        new TorchException(
            REFUSED
                + ". Consider making it a parameter or input, or detaching the gradient. %s of %s %s gradients but %s not registered: use registerParameter(...)"
                    .formatted(
                        String.join(", ", names),
                        module.getClass().getSimpleName(),
                        names.size() == 1 ? "requires" : "require",
                        names.size() == 1 ? "is" : "are"));
    better.initCause(refusal);
    return better;
  }

  private static boolean isUnregistered(Module owner, Field field, Set<Tensor> registered) {
    if (field.getType() != Tensor.class || !field.trySetAccessible()) return false;
    try {
      return field.get(owner) instanceof Tensor tensor
          && !tensor.isClosed()
          && tensor.requiresGrad()
          && !registered.contains(tensor);
    } catch (IllegalAccessException e) {
      return false;
    }
  }
}
