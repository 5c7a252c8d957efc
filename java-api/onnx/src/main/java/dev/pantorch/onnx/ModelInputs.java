package dev.pantorch.onnx;

import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.RecordComponents;
import dev.pantorch.internal.Structure;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The example inputs, which may be records, lists and maps of tensors, and the names that their
/// tensors have in the ONNX graph.
final class ModelInputs {
  private static final double LEAST_FACTOR = 0.5;

  private final List<?> inputs;
  private final Map<String, Map<Integer, String>> axes;
  private final List<String> names = new ArrayList<>();
  private final List<Tensor> tensors;

  /// @param inputs the arguments of the module's method
  /// @param options names, and dynamic axes
  /// @param found the names that the trace gave the arguments
  ModelInputs(List<?> inputs, OnnxOptions options, List<String> found) {
    this.inputs = inputs;
    this.axes = options.dynamicAxes;
    this.tensors = Structure.tensors(inputs);
    List<String> wanted = options.inputNames;
    if (wanted != null && wanted.size() != inputs.size() && wanted.size() == tensors.size()) {
      names.addAll(wanted);
    } else if (wanted != null && wanted.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "%d names were given for %d inputs: %s".formatted(wanted.size(), inputs.size(), wanted));
    } else {
      List<String> each = wanted == null ? found : wanted;
      for (int i = 0; i < inputs.size(); i++) name(each.get(i), inputs.get(i), names);
    }
    check();
  }

  private void check() {
    axes.forEach((name, named) -> {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "dynamicAxes names the input '%s'; the inputs are %s".formatted(name, names));
      }
      int dims = tensors.get(names.indexOf(name)).dim();
      for (int axis : named.keySet()) {
        if (axis >= dims) {
          throw new IllegalArgumentException(
              "dynamic axis %d of '%s', which has %d dimensions".formatted(axis, name, dims));
        }
      }
    });
  }

  /// The names of all tensors in a value, in the order of {@link Structure#tensors}.
  static void name(String name, @Nullable Object value, List<String> names) {
    switch (value) {
      case Tensor tensor -> names.add(name);
      case Record record -> {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          name(name + "_" + component.getName(), RecordComponents.read(record, component), names);
        }
      }
      case Collection<?> items -> {
        int i = 0;
        for (Object item : items) name(name + "_" + i++, item, names);
      }
      case Object[] items -> name(name, List.of(items), names);
      case Map<?, ?> entries -> entries.forEach((key, item) -> name(name + "_" + key, item, names));
      case null, default -> {}
    }
  }

  /// A value's tensors replaced; records become lists, as tuples are lists among a graph's values.
  static @Nullable Object replaced(@Nullable Object value, Iterator<OnnxValue> left) {
    return switch (value) {
      case Tensor tensor -> left.next();
      case Record record -> {
        List<@Nullable Object> parts = new ArrayList<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          parts.add(replaced(RecordComponents.read(record, component), left));
        }
        yield parts;
      }
      case Collection<?> items -> {
        List<@Nullable Object> parts = new ArrayList<>();
        for (Object item : items) parts.add(replaced(item, left));
        yield parts;
      }
      case Object[] items -> replaced(List.of(items), left);
      case Map<?, ?> entries -> {
        Map<Object, @Nullable Object> parts = new LinkedHashMap<>();
        entries.forEach((key, item) -> parts.put(key, replaced(item, left)));
        yield parts;
      }
      case null, default -> value;
    };
  }

  List<String> names() {
    return names;
  }

  List<Tensor> tensors() {
    return tensors;
  }

  List<?> inputs() {
    return inputs;
  }

  /// The names of a tensor's dynamic axes by dimension.
  Map<Integer, String> axes(int tensor) {
    return axes.getOrDefault(names.get(tensor), new TreeMap<>());
  }

  /// The dynamic axes of each tensor.
  List<Set<Integer>> dynamicDims() {
    return IntStream.range(0, tensors.size()).mapToObj(i -> axes(i).keySet()).toList();
  }

  /// The names of all dynamic axes with the sizes that they have in the example.
  Map<String, Long> exampleSizes() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      axes(i).forEach((dim, name) -> sizes.putIfAbsent(name, tensor.size(dim)));
    }
    return sizes;
  }

  /// The example with each named axis one element longer.
  Map<String, Long> longer(Set<String> axes) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    exampleSizes()
        .forEach((name, size) -> {
          if (axes.contains(name)) sizes.put(name, size + 1);
        });
    return sizes;
  }

  /// Tensors like the example's with other sizes: the last element is there several times, since
  /// whatever it means, it is a valid one.
  List<Tensor> resized(Map<String, Long> sizes) {
    List<Tensor> resized = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i).detach();
      for (var axis : axes(i).entrySet()) {
        Long size = sizes.get(axis.getValue());
        int dim = axis.getKey();
        if (size == null || size == tensor.size(dim)) continue;
        Tensor positions = Torch.arange(size).clampMax(tensor.size(dim) - 1);
        tensor = tensor.indexSelect(dim, positions.to(tensor.device()));
      }
      resized.add(tensor);
    }
    return resized;
  }

  /// The same with other numbers, of the same signs, in tensors of floating-point numbers.
  List<Tensor> varied(Map<String, Long> sizes, Generator generator) {
    return resized(sizes).stream()
        .map(tensor -> {
          if (!tensor.dtype().isFloatingPoint()) return tensor;
          Tensor factor = Torch.rand(generator, tensor.shape()).add(LEAST_FACTOR);
          return tensor.mul(factor.to(tensor.device()).to(tensor.dtype()));
        })
        .toList();
  }

  /// The arguments of the module's method with other tensors.
  @SuppressWarnings("unchecked") // a list stays a list
  Object[] arguments(List<Tensor> given) {
    List<Object> rebuilt = (List<Object>) Structure.rebuilt(inputs, given);
    if (rebuilt == null) throw new AssertionError("a list became null");
    return rebuilt.toArray();
  }
}
