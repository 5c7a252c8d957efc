package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.internal.Substitution;
import dev.pantorch.nn.Module;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Modules as functions of their parameters: for steps of an optimizer through which gradients flow
/// (MAML), and for weights that another model makes.
///
/// ```java
/// Tensor weight = model.getParameter("weight");
/// Tensor slope =
///     Autograd.grad(List.of(loss), List.of(weight), null, true, true, false).getFirst();
/// Map<String, Tensor> adapted = Map.of("weight", weight.sub(slope.mul(0.1)));
/// Tensor after = functionalCall(model, adapted, () -> model.forward(x));
/// ```
public final class Stateless {
  private Stateless() {}

  /// Computes with other tensors in the place of a module's parameters and buffers, which are as
  /// before afterwards. What the module changes in place is changed in the given tensors.
  ///
  /// A parameter that several modules share goes by the first of its names, and is replaced in all.
  /// The module must not be used by other threads meanwhile.
  ///
  /// @param module the module
  /// @param tensors the replacements by path, as {@link Module#namedParameters} and {@link
  ///   Module#namedBuffers} have it; those that are missing stay the module's own
  /// @param body calls the module
  /// @param <T> the type of the result
  /// @return what the body returns
  /// @throws TorchException if the module has no such parameter or buffer
  /// @see <a href="https://docs.pytorch.org/docs/2.13/generated/torch.func.functional_call.html">
  ///   torch.func.functional_call</a>
  public static <T extends @Nullable Object> T functionalCall(
      Module module, Map<String, Tensor> tensors, Supplier<T> body) {
    Map<String, Tensor> members = new HashMap<>(module.namedParameters());
    members.putAll(module.namedBuffers());
    List<String> unexpected =
        tensors.keySet().stream().filter(name -> !members.containsKey(name)).sorted().toList();
    if (!unexpected.isEmpty()) {
      throw new TorchException(
          "Error(s) in reparametrizing for %s:\n\tUnexpected key(s): %s."
              .formatted(
                  module.getClass().getSimpleName(),
                  unexpected.stream().map(n -> "'" + n + "'").collect(Collectors.joining(", "))));
    }
    Map<Tensor, Tensor> replaced = new HashMap<>();
    try {
      members.forEach((name, member) -> {
        Tensor value = tensors.get(name);
        if (value == null) return;
        // The value may be a parameter of the module, and be replaced itself.
        Supplier<Tensor> source = () -> replaced.getOrDefault(value, value);
        replaced.put(member, Substitution.begin(member, source));
      });
      return body.get();
    } finally {
      replaced.forEach((member, own) -> {
        Substitution.end(member, own);
        own.close();
      });
    }
  }
}
