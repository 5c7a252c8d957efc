package dev.pantorch.optim;

import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Parameters as the one vector that L-BFGS minimizes over. Complex ones are pairs of reals in it.
final class FlatParameters {
  private final List<Tensor> parameters;
  private final List<Tensor> params;
  private final Supplier<Tensor> closure;

  FlatParameters(List<Tensor> parameters, Supplier<Tensor> closure) {
    this.parameters = parameters;
    this.params = parameters.stream().map(FlatParameters::real).toList();
    this.closure = closure;
  }

  private static Tensor real(Tensor tensor) {
    return tensor.dtype().isComplex() ? Torch.viewAsReal(tensor) : tensor;
  }

  /// Computes loss and gradients anew.
  double loss() {
    try (var scope = TensorScope.open()) {
      return Torch.enableGrad(closure).item();
    }
  }

  /// The gradients, zeros where there is none.
  Tensor grad() {
    return TensorScope.scope(() -> {
      List<Tensor> parts = new ArrayList<>();
      for (Tensor parameter : parameters) {
        Tensor grad = parameter.grad();
        if (grad == null) grad = Torch.zerosLike(parameter);
        if (grad.layout() != Layout.STRIDED) grad = grad.toDense();
        parts.add(real(grad).reshape(-1));
      }
      return Torch.cat(parts, 0);
    });
  }

  /// Moves along a direction.
  void add(Tensor direction, double step) {
    try (var scope = TensorScope.open()) {
      List<Tensor> parts = new ArrayList<>();
      long offset = 0;
      for (Tensor param : params) {
        parts.add(direction.narrow(0, offset, param.numel()).viewAs(param));
        offset += param.numel();
      }
      Foreach.add_(params, parts, step);
    }
  }

  /// Copies of the values, for {@link #set}.
  List<Tensor> values() {
    return Foreach.clone(params, MemoryFormat.CONTIGUOUS);
  }

  void set(List<Tensor> values) {
    Foreach.copy_(params, values);
  }
}
