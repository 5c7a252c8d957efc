package dev.pantorch.onnx;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Models of one function, and any model's outputs as a list.
final class Models {
  private Models() {}

  static Layer layer(Function<Tensor, Tensor> function) {
    return new Layer() {
      @Override
      public Tensor forward(Tensor input) {
        return function.apply(input);
      }
    };
  }

  /// The same as a module that a trace knows by its place.
  static Layer hooked(UnaryOperator<Tensor> function) {
    return new Layer() {
      @Override
      public Tensor forward(Tensor input) {
        return hooked(input, function);
      }
    };
  }

  /// The outputs of a module whose forward is found by the types of its inputs.
  static List<Tensor> run(Module module, Tensor... inputs) {
    try (var mode = Torch.noGrad()) {
      Object result =
          Jit.trace(module, o -> o.strict(false), (Object[]) inputs).call((Object[]) inputs);
      return result instanceof List<?> list
          ? list.stream().map(Tensor.class::cast).toList()
          : List.of((Tensor) java.util.Objects.requireNonNull(result));
    }
  }
}
