package dev.pantorch.fuzz;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.parity.Arguments;
import dev.pantorch.parity.Fixtures;
import dev.pantorch.parity.TensorFile;
import dev.pantorch.parity.TensorSpecs;
import dev.pantorch.parity.Variables;
import dev.pantorch.testing.TensorBytes;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The calls of the parity fixtures whose tensors are inputs, not results of calls before.
final class Samples {
  private final Map<String, List<JsonNode>> calls = new HashMap<>();
  private final IdentityHashMap<JsonNode, JsonNode> inputs = new IdentityHashMap<>();
  private final MemorySegment pool;

  Samples() {
    Path folder = Fixtures.folder();
    pool = TensorFile.open(folder.resolve("operators.safetensors")).pool();
    for (JsonNode sample : Fixtures.lines(folder.resolve("operators.jsonl"))) {
      JsonNode given = sample.get("inputs");
      for (JsonNode call : sample.get("calls")) {
        if (!isOfInputs(call.get("args"), given)) continue;
        calls.computeIfAbsent(call.get("op").asText(), _ -> new ArrayList<>()).add(call);
        inputs.put(call, given);
      }
    }
  }

  private static boolean isOfInputs(JsonNode arguments, JsonNode given) {
    for (JsonNode argument : arguments) {
      for (String kind : List.of("tensor", "tensors")) {
        JsonNode numbers = argument.path(kind);
        for (JsonNode number : numbers.isArray() ? numbers : List.of(numbers)) {
          if (number.isNumber() && !given.has(number.asText())) return false;
        }
      }
    }
    return true;
  }

  List<JsonNode> of(String operator) {
    return calls.getOrDefault(operator, List.of());
  }

  /// The arguments of a call, tensors as recipes.
  List<@Nullable Object> arguments(JsonNode call) {
    List<@Nullable Object> arguments = new ArrayList<>();
    for (JsonNode argument : call.get("args")) {
      if (argument.path("tensor").isNumber()) {
        arguments.add(recipe(call, argument.get("tensor")));
      } else if (argument.has("tensors")) {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonNode each : argument.get("tensors")) list.add(recipe(call, each));
        arguments.add(list);
      } else {
        arguments.add(Arguments.value(argument, new Variables()));
      }
    }
    return arguments;
  }

  private @Nullable TensorRecipe recipe(JsonNode call, JsonNode number) {
    if (number.isNull()) return null;
    JsonNode spec = requireNonNull(inputs.get(call)).get(number.asText());
    DType dtype = TensorSpecs.dtype(spec.get("dtype").asText());
    boolean requiresGrad = spec.path("requiresGrad").asBoolean(false);
    TensorRecipe.Form form =
        switch (spec.path("layout").asText()) {
          case "sparse_coo" -> TensorRecipe.Form.SPARSE_COO;
          case "sparse_csr" -> TensorRecipe.Form.SPARSE_CSR;
          case "sparse_csc" -> TensorRecipe.Form.SPARSE_CSC;
          case "sparse_bsr" -> TensorRecipe.Form.SPARSE_BSR;
          case "mkldnn" -> TensorRecipe.Form.MKLDNN;
          case "nested" -> TensorRecipe.Form.NESTED;
          default -> TensorRecipe.Form.CONTIGUOUS;
        };
    long[] size = spec.has("size") ? Fixtures.longs(spec.get("size")) : new long[] {2, 3};
    double[] values = {0, 1, 2, 3, 0.5};
    if (spec.has("at") && !spec.has("storage") && TensorRecipe.elements(size) > 0) {
      int count = (int) Math.min(TensorRecipe.elements(size), TensorRecipe.MAX_ELEMENTS);
      double[] recorded =
          TensorBytes.doubles(
              pool.asSlice(spec.get("at").asLong(), (long) count * dtype.itemSize()), dtype);
      // Of complex numbers the real parts; of quantized ones their integers.
      values = recorded.length == count ? recorded : everySecond(recorded);
    }
    return new TensorRecipe(dtype, size, values, form, requiresGrad);
  }

  private static double[] everySecond(double[] parts) {
    double[] real = new double[parts.length / 2];
    for (int i = 0; i < real.length; i++) real[i] = parts[2 * i];
    return real;
  }
}
