package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Complex;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the arguments of a recorded call.
public final class Arguments {
  private Arguments() {}

  /// The Java value of one argument: its kind in the fixture decides the type.
  public static @Nullable Object value(JsonNode argument, Variables variables) {
    if (argument.isNull()) {
      return null;
    }
    String kind = argument.fieldNames().next();
    JsonNode value = argument.get(kind);
    return switch (kind) {
      case "tensor" -> variable(value, variables);
      case "tensors" -> tensors(value, variables);
      case "int" -> value.asLong();
      case "ints" -> Fixtures.longs(value);
      case "float" -> Fixtures.number(value);
      case "floats" -> Fixtures.elements(value).stream().mapToDouble(Fixtures::number).toArray();
      case "bool" -> value.asBoolean();
      case "bools" -> booleans(value);
      case "complex" -> new Complex(Fixtures.number(value.get(0)), Fixtures.number(value.get(1)));
      case "scalars" -> Fixtures.elements(value).stream().map(v -> value(v, variables)).toArray();
      case "string" -> value.asText();
      case "dtype" -> TensorSpecs.dtype(value.asText());
      case "layout" -> TensorSpecs.layout(value.asText());
      case "memoryFormat" -> TensorSpecs.memoryFormat(value.asText());
      case "device" -> TensorSpecs.device(value.asText());
      case "generator" -> new Generator().manualSeed(value.asLong());
      default -> throw new IllegalArgumentException("argument of kind " + kind);
    };
  }

  private static @Nullable Tensor variable(JsonNode number, Variables variables) {
    return number.isNull() ? null : variables.get(number.asInt());
  }

  private static List<@Nullable Tensor> tensors(JsonNode numbers, Variables variables) {
    var tensors = new ArrayList<@Nullable Tensor>();
    for (JsonNode number : numbers) {
      tensors.add(variable(number, variables));
    }
    return tensors;
  }

  private static boolean[] booleans(JsonNode values) {
    boolean[] result = new boolean[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i).asBoolean();
    }
    return result;
  }
}
