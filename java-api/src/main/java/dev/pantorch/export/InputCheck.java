package dev.pantorch.export;

import dev.pantorch.DeviceException;
import dev.pantorch.Layout;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares inputs with what the package says that its model takes. The compiled code believes its
/// inputs: a wrong one gives wrong numbers, or reads and writes memory that is not its own.
final class InputCheck {
  private final ModelSource source;

  InputCheck(ModelSource source) {
    this.source = source;
  }

  /// @param places where each tensor stood among the arguments
  void check(List<Tensor> tensors, List<String> places) {
    List<InputSpec> inputs = source.inputs();
    if (tensors.size() != inputs.size()) {
      throw new TypeException(
          "the model takes %d tensors, but %d are given; it takes %s"
              .formatted(inputs.size(), tensors.size(), inputs));
    }
    Map<String, Long> sizes = new HashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      long[] shape = tensors.get(i).shape();
      check(tensors.get(i), shape, inputs.get(i), places.get(i));
      for (int d = 0; d < shape.length; d++) {
        sizes.put("%s_size[%d]".formatted(source.names().get(i), d), shape[d]);
      }
    }
    for (ModelSource.Definition definition : source.definitions()) {
      Long value = SizeExpression.evaluate(definition.expression(), sizes);
      if (value != null) sizes.putIfAbsent(definition.name(), value);
    }
    for (ModelSource.Asserted asserted : source.asserted()) {
      check(tensors.get(asserted.input()), asserted, sizes, places.get(asserted.input()));
    }
    for (int i = 0; i < tensors.size(); i++) {
      checkStrides(tensors.get(i), inputs.get(i).strides(), places.get(i));
    }
  }

  private static void check(Tensor tensor, long[] shape, InputSpec input, String place) {
    if (tensor.dtype() != input.dtype()) {
      throw new TypeException(
          "%s is %s; the package takes %s there: convert it with to(DType.%s)"
              .formatted(
                  place,
                  tensor.dtype().torchName(),
                  input.dtype().torchName(),
                  input.dtype().name()));
    }
    if (tensor.device().type() != input.device()) {
      throw new DeviceException(
          "%s is on %s; the package was compiled for %s: move it with to(device), or compile for %s"
              .formatted(
                  place,
                  tensor.device(),
                  input.device().torchName(),
                  tensor.device().type().torchName()));
    }
    if (tensor.layout() != Layout.STRIDED || tensor.isConj() || tensor.isNeg()) {
      throw new TypeException(
          "%s is sparse, or a lazy conjugate or negative; the package takes a dense tensor there: use toDense(), resolveConj() or resolveNeg()"
              .formatted(place));
    }
    boolean fits = shape.length == input.shape().size();
    for (int d = 0; fits && d < shape.length; d++) fits = input.shape().get(d).has(shape[d]);
    if (!fits) {
      throw new ShapeException(
          "%s has shape %s; the package takes %s there: give it that size, or export the model again with dynamic_shapes that include this one"
              .formatted(place, Arrays.toString(shape), input.shapeText()));
    }
  }

  /// Sizes that must agree with those of other inputs.
  private static void check(
      Tensor tensor, ModelSource.Asserted asserted, Map<String, Long> sizes, String place) {
    long[] shape = tensor.shape();
    for (int d = 0; d < shape.length; d++) {
      Long expected = SizeExpression.evaluate(asserted.sizes().get(d), sizes);
      if (expected != null && expected != shape[d]) {
        throw new ShapeException(
            "%s has shape %s; its dimension %d must be %d, since the model was exported with sizes that depend on each other (%s = %s)"
                .formatted(
                    place,
                    Arrays.toString(shape),
                    d,
                    expected,
                    asserted.sizes().get(d).replaceAll("(?<=\\d)L\\b", ""),
                    expected));
      }
    }
    List<@Nullable Long> strides = new ArrayList<>();
    for (String text : asserted.strides()) strides.add(SizeExpression.evaluate(text, sizes));
    checkStrides(tensor, strides, place);
  }

  private static void checkStrides(Tensor tensor, List<@Nullable Long> expected, String place) {
    long[] shape = tensor.shape();
    long[] strides = tensor.strides();
    boolean fits = true;
    boolean empty = false;
    for (int d = 0; d < shape.length; d++) {
      Long stride = expected.get(d);
      // The step along a dimension of one element is never taken.
      fits &= stride == null || stride == strides[d] || shape[d] <= 1;
      empty |= shape[d] == 0;
    }
    if (fits || empty) return;
    throw new ValueException(
        "%s has strides %s; the package takes %s there, and reads memory in that order: %s"
            .formatted(
                place,
                Arrays.toString(strides),
                expected.stream().map(s -> s == null ? "any" : s.toString()).toList(),
                tensor.isContiguous()
                    ? "lay it out as the example that the model was exported with"
                    : "call contiguous()"));
  }
}
