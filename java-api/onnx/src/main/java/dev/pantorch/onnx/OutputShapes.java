package dev.pantorch.onnx;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.jit.ScriptModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds out which dimensions of the outputs follow which dynamic axes, by running the trace with
/// each one element longer.
final class OutputShapes {
  /// @param dims a `Long`, an axis' name, or an empty string for a size that is not known
  record Shape(List<Object> dims) {}

  private final ScriptModule traced;
  private final String method;
  private final ModelInputs inputs;

  OutputShapes(ScriptModule traced, String method, ModelInputs inputs) {
    this.traced = traced;
    this.method = method;
    this.inputs = inputs;
  }

  List<Shape> find() {
    List<long[]> base = run(null);
    List<Shape> shapes = new ArrayList<>();
    for (long[] sizes : base) {
      List<Object> dims = new ArrayList<>();
      for (long size : sizes) dims.add(size);
      shapes.add(new Shape(dims));
    }
    Map<String, Long> symbols = inputs.exampleSizes();
    for (String symbol : symbols.keySet()) {
      List<long[]> longer = run(symbol);
      for (int i = 0; i < shapes.size(); i++) {
        for (int d = 0; d < base.get(i).length; d++) {
          long more = longer.get(i)[d] - base.get(i)[d];
          if (more == 0) continue;
          boolean isPlain = more == 1 && shapes.get(i).dims().get(d) instanceof Long;
          // Only a size that is the axis' own has its name.
          isPlain = isPlain && base.get(i)[d] == symbols.get(symbol);
          shapes.get(i).dims().set(d, isPlain ? symbol : "");
        }
      }
    }
    return shapes;
  }

  private List<long[]> run(@Nullable String longer) {
    Map<String, Long> sizes = longer == null ? Map.of() : inputs.longer(Set.of(longer));
    try (var mode = Torch.noGrad()) {
      Object returned = traced.callMethod(method, inputs.arguments(inputs.resized(sizes)));
      return tensors(returned).stream().map(Tensor::shape).toList();
    } catch (TorchException refused) {
      if (longer == null) throw refused;
      throw new OnnxExportException(
          ("the axis '%s' cannot be dynamic: with one element more the trace fails. Either the"
               + " model fixes the size, or another input's axis has to grow with it and needs the"
               + " same name. %s")
              .formatted(longer, refused.getMessage()));
    }
  }

  /// The tensors of what a script returns.
  static List<Tensor> tensors(@Nullable Object returned) {
    List<Tensor> tensors = new ArrayList<>();
    collect(returned, tensors);
    return tensors;
  }

  private static void collect(@Nullable Object value, List<Tensor> tensors) {
    switch (value) {
      case Tensor tensor -> tensors.add(tensor);
      case List<?> list -> list.forEach(each -> collect(each, tensors));
      case Map<?, ?> map -> map.values().forEach(each -> collect(each, tensors));
      case null, default ->
          throw new OnnxExportException(
              "the module returns %s; outputs of an ONNX model are tensors".formatted(value));
    }
  }
}
