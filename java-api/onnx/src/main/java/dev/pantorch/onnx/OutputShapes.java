package dev.pantorch.onnx;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.jit.ScriptModule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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
  private final List<Tensor> inputs;
  private final List<String> names;
  private final Map<String, Map<Integer, String>> axes;

  OutputShapes(
      ScriptModule traced,
      List<Tensor> inputs,
      List<String> names,
      Map<String, Map<Integer, String>> axes) {
    this.traced = traced;
    this.inputs = inputs;
    this.names = names;
    this.axes = axes;
  }

  List<Shape> find() {
    List<long[]> base = run(null);
    List<Shape> shapes = new ArrayList<>();
    for (long[] sizes : base) {
      List<Object> dims = new ArrayList<>();
      for (long size : sizes) dims.add(size);
      shapes.add(new Shape(dims));
    }
    Set<String> symbols = new LinkedHashSet<>();
    axes.values().forEach(each -> symbols.addAll(each.values()));
    for (String symbol : symbols) {
      List<long[]> longer = run(symbol);
      for (int i = 0; i < shapes.size(); i++) {
        for (int d = 0; d < base.get(i).length; d++) {
          long more = longer.get(i)[d] - base.get(i)[d];
          if (more == 0) continue;
          boolean isPlain = more == 1 && shapes.get(i).dims().get(d) instanceof Long;
          // Only a size that is the axis' own has its name.
          isPlain = isPlain && base.get(i)[d] == exampleSize(symbol);
          shapes.get(i).dims().set(d, isPlain ? symbol : "");
        }
      }
    }
    return shapes;
  }

  private long exampleSize(String symbol) {
    for (int i = 0; i < inputs.size(); i++) {
      for (var axis : axes.getOrDefault(names.get(i), Map.of()).entrySet()) {
        if (axis.getValue().equals(symbol)) return inputs.get(i).size(axis.getKey());
      }
    }
    throw new AssertionError("no input has the axis " + symbol);
  }

  private List<long[]> run(@Nullable String longer) {
    List<Tensor> given = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor tensor = inputs.get(i);
      for (var axis : axes.getOrDefault(names.get(i), Map.of()).entrySet()) {
        if (!axis.getValue().equals(longer)) continue;
        int dim = axis.getKey();
        tensor = Torch.cat(List.of(tensor, tensor.narrow(dim, tensor.size(dim) - 1, 1)), dim);
      }
      given.add(tensor);
    }
    List<long[]> shapes = new ArrayList<>();
    try (var mode = Torch.noGrad()) {
      collect(traced.call(given.toArray()), shapes);
    } catch (TorchException refused) {
      if (longer == null) throw refused;
      throw new OnnxExportException(
          ("the axis '%s' cannot be dynamic: with one element more the trace fails. Either the"
               + " model fixes the size, or another input's axis has to grow with it and needs the"
               + " same name. %s")
              .formatted(longer, refused.getMessage()));
    }
    return shapes;
  }

  private static void collect(@Nullable Object value, List<long[]> shapes) {
    switch (value) {
      case Tensor tensor -> shapes.add(tensor.shape());
      case List<?> list -> list.forEach(each -> collect(each, shapes));
      case null, default ->
          throw new OnnxExportException(
              "the module returns %s; outputs of an ONNX model are tensors".formatted(value));
    }
  }
}
