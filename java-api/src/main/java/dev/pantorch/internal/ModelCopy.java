package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Module;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// A model of a user's class with the state of another one. Python copies any object; here the
/// program says how to make one.
public final class ModelCopy {
  private ModelCopy() {}

  /// Draws no random numbers as far as others can see.
  ///
  /// @throws dev.pantorch.TorchException if the tensors have other names or shapes
  public static <M extends Module> M of(M model, Supplier<M> architecture) {
    M copy;
    try (var scope = TensorScope.open()) {
      Tensor random = Torch.getRngState();
      copy = architecture.get();
      Torch.setRngState(random);
    }
    if (copy.equals(model)) {
      throw new ValueException(
          "the architecture has to be another object than the model, whose weights go on changing");
    }
    List<Tensor> parameters = model.parameters();
    if (!parameters.isEmpty()) {
      copy.to(parameters.getFirst().dtype().on(parameters.getFirst().device()));
    }
    try (var scope = TensorScope.open()) {
      copy.loadStateDict(model.stateDict());
    }
    List<Tensor> copied = copy.parameters();
    for (int i = 0; i < copied.size(); i++) {
      copied.get(i).requiresGrad_(parameters.get(i).requiresGrad());
    }
    Map<String, Module> modules = model.namedModules();
    copy.namedModules()
        .forEach((path, part) -> {
          Module original = modules.get(path);
          if (original != null && part.children().isEmpty()) part.train(original.isTraining());
        });
    return copy;
  }
}
