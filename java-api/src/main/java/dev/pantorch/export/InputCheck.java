package dev.pantorch.export;

import dev.pantorch.DeviceException;
import dev.pantorch.Layout;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.internal.TensorDescription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares inputs with what the package says that its model takes. The compiled code believes its
/// inputs: a wrong one gives wrong numbers, or reads and writes memory that is not its own.
final class InputCheck {
  /// A size or a stride that must be what an expression of other sizes comes to.
  ///
  /// @param text the expression without C++'s suffixes
  private record Rule(int input, int dim, SizeExpression expected, String text) {}

  /// A size by a name of its own.
  private record Named(int place, SizeExpression value) {}

  private final List<InputSpec> inputs;
  private final List<Named> named = new ArrayList<>();
  private final List<Rule> sizes = new ArrayList<>();
  private final List<Rule> strides = new ArrayList<>();

  /// Where the sizes of all inputs and the named ones stand, one behind the other.
  private final int places;

  InputCheck(ModelSource source) {
    inputs = source.inputs();
    Map<String, Integer> known = new HashMap<>();
    int next = 0;
    for (int i = 0; i < inputs.size(); i++) {
      for (int d = 0; d < inputs.get(i).shape().size(); d++) {
        known.put("%s_size[%d]".formatted(source.names().get(i), d), next++);
      }
    }
    for (ModelSource.Definition definition : source.definitions()) {
      SizeExpression value = SizeExpression.parse(definition.expression(), known);
      if (value != null && !known.containsKey(definition.name())) {
        named.add(new Named(next, value));
        known.put(definition.name(), next++);
      }
    }
    places = next;
    for (ModelSource.Asserted asserted : source.asserted()) {
      addRules(asserted.input(), asserted.sizes(), known, sizes);
      addRules(asserted.input(), asserted.strides(), known, strides);
    }
  }

  /// Plain numbers need no rule: they are in the inputs' own limits.
  private static void addRules(
      int input, List<String> texts, Map<String, Integer> known, List<Rule> rules) {
    for (int d = 0; d < texts.size(); d++) {
      String text = texts.get(d).replaceAll("(?<=\\d)L\\b", "");
      SizeExpression expected = SizeExpression.parse(text, known);
      if (expected != null && !text.matches("\\d+")) {
        rules.add(new Rule(input, d, expected, text));
      }
    }
  }

  /// @param tensors the inputs
  /// @param where where each stood among the arguments
  void check(List<Tensor> tensors, List<?> where) {
    if (tensors.size() != inputs.size()) {
      throw new TypeException(
          "the model takes %d tensors, but %d are given; it takes %s"
              .formatted(inputs.size(), tensors.size(), inputs));
    }
    long[] values = new long[places];
    int next = 0;
    TensorDescription[] given = new TensorDescription[tensors.size()];
    for (int i = 0; i < given.length; i++) {
      given[i] = TensorCalls.describe(tensors.get(i));
      check(given[i], inputs.get(i), where.get(i));
      for (long size : given[i].sizes()) values[next++] = size;
    }
    for (Named size : named) values[size.place] = (long) size.value.of(values);
    for (Rule rule : sizes) checkSize(given[rule.input], rule, values, where.get(rule.input));
    for (int i = 0; i < given.length; i++) {
      List<@Nullable Long> expected = inputs.get(i).strides();
      for (int d = 0; d < expected.size(); d++) {
        Long stride = expected.get(d);
        if (stride != null) checkStride(given[i], d, stride, inputs.get(i), where.get(i));
      }
    }
    for (Rule rule : strides) {
      long stride = (long) rule.expected.of(values);
      checkStride(
          given[rule.input], rule.dim, stride, inputs.get(rule.input), where.get(rule.input));
    }
  }

  private static void check(TensorDescription given, InputSpec input, Object where) {
    if (given.dtype() != input.dtype()) {
      throw new TypeException(
          "%s is %s; the package takes %s there: convert it with to(DType.%s)"
              .formatted(
                  where,
                  given.dtype().torchName(),
                  input.dtype().torchName(),
                  input.dtype().name()));
    }
    if (given.device().type() != input.device()) {
      throw new DeviceException(
          "%s is on %s; the package was compiled for %s: move it with to(device), or compile for %s"
              .formatted(
                  where,
                  given.device(),
                  input.device().torchName(),
                  given.device().type().torchName()));
    }
    if (given.layout() != Layout.STRIDED
        || given.has(pantorch_h.PT_TENSOR_CONJ())
        || given.has(pantorch_h.PT_TENSOR_NEG())) {
      throw new TypeException(
          "%s is sparse, or a lazy conjugate or negative; the package takes a dense tensor there: use toDense(), resolveConj() or resolveNeg()"
              .formatted(where));
    }
    long[] shape = given.sizes();
    boolean fits = shape.length == input.shape().size();
    for (int d = 0; fits && d < shape.length; d++) fits = input.shape().get(d).has(shape[d]);
    if (!fits) {
      throw new ShapeException(
          "%s has shape %s; the package takes %s there: give it that size, or export the model again with dynamic_shapes that include this one"
              .formatted(where, Arrays.toString(shape), input.shapeText()));
    }
  }

  /// Sizes that must agree with those of other inputs.
  private static void checkSize(TensorDescription given, Rule rule, long[] values, Object where) {
    long expected = (long) rule.expected.of(values);
    if (given.sizes()[rule.dim] == expected) return;
    throw new ShapeException(
        "%s has shape %s; its dimension %d must be %d, since the model was exported with sizes that depend on each other (%s = %d)"
            .formatted(
                where, Arrays.toString(given.sizes()), rule.dim, expected, rule.text, expected));
  }

  /// The step along a dimension of one element is never taken.
  private static void checkStride(
      TensorDescription given, int dim, long expected, InputSpec input, Object where) {
    if (given.strides()[dim] == expected || given.sizes()[dim] <= 1 || given.numel() == 0) return;
    throw new ValueException(
        "%s has strides %s, but dimension %d must have %d: the package takes %s as it lay in memory when the model was exported; call contiguous(), or lay it out as then"
            .formatted(where, Arrays.toString(given.strides()), dim, expected, input));
  }
}
