package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Autograd;
import dev.pantorch.DType;
import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs a recorded sample and compares everything it gives with what Python got.
final class SampleReplay {
  private final TypedOperators operators;
  private final TensorSpecs specs;
  private final TensorComparison comparison;

  SampleReplay(TypedOperators operators, TensorSpecs specs) {
    this.operators = operators;
    this.specs = specs;
    this.comparison = new TensorComparison(specs);
  }

  /// @throws AssertionError naming the first difference
  void run(JsonNode sample) throws Throwable {
    try (TensorScope scope = TensorScope.open()) {
      var variables = new Variables();
      for (Map.Entry<String, JsonNode> input : sample.get("inputs").properties()) {
        variables.put(Integer.parseInt(input.getKey()), specs.build(input.getValue(), variables));
      }
      for (Map.Entry<String, JsonNode> input : sample.get("inputs").properties()) {
        if (input.getValue().has("requiresGrad")) {
          variables.get(Integer.parseInt(input.getKey())).requiresGrad_(true);
        }
      }
      Torch.manualSeed(sample.get("seed").asLong());
      Tolerance tolerance = Tolerance.of(sample);
      int turn = sample.get("id").asText().hashCode();
      for (JsonNode call : sample.get("calls")) {
        call(call, turn, variables, tolerance);
      }
      if (sample.has("grad")) {
        gradients(sample.get("grad"), variables, tolerance);
      }
    }
  }

  private void call(JsonNode call, int turn, Variables variables, Tolerance tolerance)
      throws Throwable {
    String overload = call.get("op").asText();
    var values = new ArrayList<@Nullable Object>();
    for (JsonNode argument : call.get("args")) {
      values.add(Arguments.value(argument, variables));
    }
    if (call.has("seed")) {
      Torch.manualSeed(call.get("seed").asLong());
    }
    List<@Nullable Object> results;
    if (operators.has(overload)) {
      results = operators.call(overload, turn, values);
    } else {
      results = boxed(overload, values);
    }
    JsonNode recorded = call.get("results");
    if (recorded.size() != results.size()) {
      throw new AssertionError(
          "%s: %d results, Python %d".formatted(overload, results.size(), recorded.size()));
    }
    for (int i = 0; i < results.size(); i++) {
      String what = "%s, result %d".formatted(overload, i);
      result(recorded.get(i), results.get(i), variables, tolerance, what);
    }
    for (Map.Entry<String, JsonNode> changed : call.path("changed").properties()) {
      Tensor argument = variables.get(Integer.parseInt(changed.getKey()));
      comparison.check(changed.getValue(), argument, tolerance, overload + ", changed argument");
    }
  }

  /// Calls an operator that has no typed method. TorchScript's `number`, by which boxed arguments
  /// are checked, has no truth values; Python makes them 1 and 0 too.
  private static List<@Nullable Object> boxed(String overload, List<@Nullable Object> values) {
    Operator operator = Torch.op(overload);
    List<String> types = Schemas.argumentTypes(operator.schema());
    var arguments = new ArrayList<@Nullable Object>(values);
    for (int i = 0; i < arguments.size(); i++) {
      if (types.get(i).startsWith("Scalar") && arguments.get(i) instanceof Boolean truth) {
        arguments.set(i, truth ? 1L : 0L);
      }
    }
    return operator.call(arguments.toArray());
  }

  private void result(
      JsonNode recorded,
      @Nullable Object result,
      Variables variables,
      Tolerance tolerance,
      String what) {
    String kind = recorded.fieldNames().next();
    JsonNode value = recorded.get(kind);
    switch (kind) {
      case "tensors" -> {
        List<?> tensors = (List<?>) requireNonNull(result, what);
        if (tensors.size() != value.size()) {
          throw new AssertionError(
              "%s: %d tensors, Python %d".formatted(what, tensors.size(), value.size()));
        }
        for (int i = 0; i < value.size(); i++) {
          result(value.get(i), tensors.get(i), variables, tolerance, what + "[" + i + "]");
        }
      }
      case "tensor" -> {
        if (value.isNull()) {
          if (!TypedOperators.isAbsent(result)) {
            throw new AssertionError("%s: a tensor, Python None".formatted(what));
          }
        } else {
          Tensor tensor = (Tensor) requireNonNull(result, what);
          variables.put(value.asInt(), tensor);
          comparison.check(recorded.get("value"), tensor, tolerance, what);
        }
      }
      default -> plainResult(kind, recorded, result, tolerance, what);
    }
  }

  private static void plainResult(
      String kind, JsonNode recorded, @Nullable Object result, Tolerance tolerance, String what) {
    Object expected = Arguments.value(recorded, new Variables());
    Object found = result;
    if (kind.equals("dtype") && result instanceof Number code) {
      found = DType.ofCode(code.intValue());
    }
    if (expected instanceof Boolean truth && result instanceof Number) {
      expected = truth ? 1L : 0L; // a Scalar comes back as a Number, which has no truth values
    }
    boolean same =
        (expected instanceof Double a && found instanceof Double b)
            ? tolerance.accepts(a, b, a)
            : String.valueOf(expected).equals(String.valueOf(found));
    if (!same) {
      throw new AssertionError("%s: %s, Python %s".formatted(what, found, expected));
    }
  }

  private void gradients(JsonNode grad, Variables variables, Tolerance tolerance) {
    List<Tensor> outputs = select(grad.get("outputs"), variables);
    List<Tensor> inputs = select(grad.get("inputs"), variables);
    List<Tensor> cotangents =
        Fixtures.elements(grad.get("cotangents")).stream()
            .map(c -> specs.build(c, variables))
            .toList();
    List<@Nullable Tensor> gradients =
        Autograd.grad(outputs, inputs, cotangents, false, false, true);
    for (int i = 0; i < inputs.size(); i++) {
      JsonNode expected = grad.get("gradients").get(i);
      String what = "gradient of input " + i;
      Tensor gradient = gradients.get(i);
      if (expected.isNull() != (gradient == null)) {
        throw new AssertionError("%s: present or not".formatted(what));
      }
      if (gradient != null) {
        comparison.check(expected, gradient, tolerance, what);
      }
    }
  }

  private static List<Tensor> select(JsonNode numbers, Variables variables) {
    return Fixtures.elements(numbers).stream().map(n -> variables.get(n.asInt())).toList();
  }
}
