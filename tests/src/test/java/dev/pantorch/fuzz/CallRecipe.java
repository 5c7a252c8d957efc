package dev.pantorch.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One call: an operator and what its arguments are made of.
///
/// @param number which call of its seed it is
/// @param arguments in the order of the schema: a {@link TensorRecipe}, a list of those and nulls,
///   or a value as it is passed
/// @param boxed by the operator's name instead of its method
/// @param mode `noGrad`, `inference`, `autocast` or nothing
/// @param backward also runs a backward pass through the results
/// @param closing another thread closes the argument tensors meanwhile
record CallRecipe(
    long number,
    String operator,
    List<@Nullable Object> arguments,
    boolean boxed,
    String mode,
    boolean backward,
    boolean closing) {

  /// Makes the arguments.
  ///
  /// @param tensors takes every tensor made, in order
  List<@Nullable Object> build(List<Tensor> tensors, Tensor undefined) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Object argument : arguments) {
      switch (argument) {
        case TensorRecipe recipe -> values.add(tensor(recipe, tensors, undefined));
        case List<?> list -> {
          List<@Nullable Tensor> made = new ArrayList<>();
          for (Object each : list) {
            made.add(
                each instanceof TensorRecipe recipe ? tensor(recipe, tensors, undefined) : null);
          }
          values.add(made);
        }
        case null, default -> values.add(argument);
      }
    }
    return values;
  }

  private static Tensor tensor(TensorRecipe recipe, List<Tensor> tensors, Tensor undefined) {
    Tensor previous = tensors.isEmpty() ? null : tensors.getLast();
    // What is not there can be no other's base.
    if (previous != null && previous.isClosed()) previous = null;
    Tensor made = recipe.build(previous, undefined);
    tensors.add(made);
    return made;
  }

  /// Whether Python can make the same call, without another thread that closes its tensors.
  boolean isForPython() {
    return arguments.stream()
        .flatMap(a -> a instanceof List<?> list ? list.stream() : Stream.ofNullable(a))
        .noneMatch(a -> a instanceof TensorRecipe r && r.form() == TensorRecipe.Form.CLOSED);
  }

  /// The call as `replay_fuzz.py` reads it.
  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("number", number);
    node.put("op", operator);
    ArrayNode list = node.putArray("args");
    for (Object argument : arguments) list.add(json(argument));
    if (boxed) node.put("boxed", true);
    if (!mode.isEmpty()) node.put("mode", mode);
    if (backward) node.put("backward", true);
    if (closing) node.put("closing", true);
    return node;
  }

  private static JsonNode json(@Nullable Object argument) {
    JsonNodeFactory factory = JsonNodeFactory.instance;
    if (argument == null) return factory.nullNode();
    ObjectNode node = factory.objectNode();
    switch (argument) {
      case TensorRecipe recipe -> node.set("tensor", recipe.json());
      case List<?> list -> {
        ArrayNode tensors = node.putArray("tensors");
        for (Object each : list) {
          tensors.add(each instanceof TensorRecipe recipe ? recipe.json() : factory.nullNode());
        }
      }
      case Long value -> node.put("int", value);
      case Double value -> node.set("float", TensorRecipe.number(value));
      case Boolean value -> node.put("bool", value);
      case Complex value -> {
        ArrayNode parts = node.putArray("complex");
        parts.add(TensorRecipe.number(value.real()));
        parts.add(TensorRecipe.number(value.imag()));
      }
      case String value -> node.put("string", value);
      case DType value -> node.put("dtype", value.name().toLowerCase(Locale.ROOT));
      case Layout value -> node.put("layout", value.toString());
      case MemoryFormat value -> node.put("memoryFormat", value.toString());
      case Device value -> node.put("device", value.toString());
      case Generator _ -> node.put("generator", true);
      case long[] values -> {
        ArrayNode numbers = node.putArray("ints");
        for (long value : values) numbers.add(value);
      }
      case double[] values -> {
        ArrayNode numbers = node.putArray("floats");
        for (double value : values) numbers.add(TensorRecipe.number(value));
      }
      case boolean[] values -> {
        ArrayNode flags = node.putArray("bools");
        for (boolean value : values) flags.add(value);
      }
      case Object[] values -> {
        ArrayNode scalars = node.putArray("scalars");
        for (Object value : values) scalars.add(json(value));
      }
      default -> throw new IllegalArgumentException("argument " + argument.getClass());
    }
    return node;
  }
}
