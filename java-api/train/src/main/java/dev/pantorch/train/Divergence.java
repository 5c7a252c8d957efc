package dev.pantorch.train;

import dev.pantorch.HookHandle;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Finds out where a value that is not finite came from, by computing the batch again with hooks on
/// all layers.
final class Divergence {
  private final Module model;
  private final double learningRate;

  Divergence(Module model, double learningRate) {
    this.model = model;
    this.learningRate = learningRate;
  }

  /// What was not finite first.
  ///
  /// @param where in words
  /// @param remedy what to do
  /// @param layer the path of a module or parameter, or null
  record Finding(String where, String remedy, @Nullable String layer) {}

  static boolean isFinite(Tensor tensor) {
    if (!tensor.dtype().isFloatingPoint() && !tensor.dtype().isComplex()) return true;
    return TensorScope.scope(() -> tensor.detach().isfinite().all().itemBoolean());
  }

  /// Why a loss is not finite.
  Finding ofLoss(Object batch, Supplier<Tensor> loss) {
    for (Tensor tensor : TensorTrees.tensors(batch)) {
      if (!isFinite(tensor)) {
        return new Finding(
            "the batch itself",
            "look for missing values in the data and for divisions by 0 in its preparation (a"
                + " constant feature has the deviation 0)",
            null);
      }
    }
    for (Map.Entry<String, Tensor> parameter : model.namedParameters().entrySet()) {
      if (!isFinite(parameter.getValue())) {
        return new Finding(
            "the parameter %s, since an earlier step".formatted(parameter.getKey()),
            smallerSteps(),
            parameter.getKey());
      }
    }
    String layer = firstOutput(loss);
    if (layer != null) {
      return new Finding(
          "the output of " + name(layer),
          smallerSteps() + ", and look at what this layer is given",
          layer);
    }
    return new Finding(
        "the loss; the outputs of all layers are finite",
        "look for a logarithm or a division of 0 in the loss: take a loss of logits"
            + " (BCEWithLogitsLoss, CrossEntropyLoss), or add a small number",
        null);
  }

  private String smallerSteps() {
    return "lower the learning rate (now %s) or let it rise slowly at first, clip gradients (clipGradNorm(1.0))"
        .formatted(learningRate);
  }

  private @Nullable String firstOutput(Supplier<Tensor> loss) {
    List<String> found = new ArrayList<>();
    watch(
        (path, output) -> {
          if (found.isEmpty() && !isFinite(output)) found.add(path);
        },
        () -> Torch.noGrad(loss));
    return found.isEmpty() ? null : found.getFirst();
  }

  /// Why gradients are not finite though the loss is.
  Finding ofGradients(Supplier<Tensor> loss) {
    List<String> found = new ArrayList<>();
    List<HookHandle> handles = new ArrayList<>();
    try {
      watch(
          (path, output) -> {
            if (!output.requiresGrad()) return;
            handles.add(
                output.registerHook(gradient -> {
                  if (found.isEmpty() && gradient != null && !isFinite(gradient)) found.add(path);
                  return null;
                }));
          },
          () -> {
            Tensor value = loss.get();
            value.backward();
            return value;
          });
    } finally {
      handles.forEach(HookHandle::remove);
    }
    String remedy =
        "clip gradients (clipGradNorm(1.0)), lower the learning rate (now %s), and look for a square root, a norm or a logarithm of 0, which have no finite gradient"
            .formatted(learningRate);
    if (!found.isEmpty()) {
      return new Finding(
          "the gradient at the output of " + name(found.getFirst()), remedy, found.getFirst());
    }
    String last = null;
    for (Map.Entry<String, Tensor> parameter : model.namedParameters().entrySet()) {
      Tensor gradient = parameter.getValue().grad();
      // The backward pass comes to the last layers first.
      if (gradient != null && !isFinite(gradient)) last = parameter.getKey();
    }
    String where = last == null ? "the norm of all gradients" : "the gradient of parameter " + last;
    return new Finding(where, remedy, last);
  }

  private interface OutputVisitor {
    void visit(String path, Tensor output);
  }

  /// Computes with every output shown to a visitor, those of children before those of parents.
  private void watch(OutputVisitor visitor, Supplier<Tensor> computation) {
    List<HookHandle> handles = new ArrayList<>();
    try (var scope = TensorScope.open()) {
      model
          .namedModules()
          .forEach((path, module) ->
              handles.add(
                  module.registerForwardHook((_, _, output) -> {
                    TensorTrees.tensors(output).forEach(tensor -> visitor.visit(path, tensor));
                    return null;
                  })));
      var _ = computation.get();
    } finally {
      handles.forEach(HookHandle::remove);
    }
  }

  private String name(String path) {
    String type = model.getSubmodule(path).getClass().getSimpleName();
    return path.isEmpty() ? "the model (%s)".formatted(type) : "%s (%s)".formatted(path, type);
  }
}
