package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.nn.BCELoss;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.nn.CrossEntropyLoss;
import dev.pantorch.nn.L1Loss;
import dev.pantorch.nn.Loss;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.nn.NLLLoss;
import dev.pantorch.nn.Reduction;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Builds the loss that a fixture names, from the arguments that Python was given.
final class LossBuilder {
  private LossBuilder() {}

  /// @param tensors gives the tensors among the arguments, by name
  static Loss build(JsonNode recorded, Function<String, Tensor> tensors) {
    JsonNode options = recorded.get("options");
    Reduction reduction =
        Reduction.valueOf(options.get("reduction").asText().toUpperCase(Locale.ROOT));
    List<String> given = Fixtures.strings(recorded.get("tensors"));
    return switch (recorded.get("loss").asText()) {
      case "MSELoss" -> new MSELoss(reduction);
      case "L1Loss" -> new L1Loss(reduction);
      case "BCELoss" ->
          new BCELoss(o -> {
            o.reduction(reduction);
            given.forEach(name -> o.weight(tensors.apply(name)));
          });
      case "BCEWithLogitsLoss" ->
          new BCEWithLogitsLoss(o -> {
            o.reduction(reduction);
            for (String name : given) {
              Tensor tensor = tensors.apply(name);
              if (name.equals("weight")) {
                o.weight(tensor);
              } else {
                o.posWeight(tensor);
              }
            }
          });
      case "CrossEntropyLoss" ->
          new CrossEntropyLoss(o -> {
            o.reduction(reduction);
            given.forEach(name -> o.weight(tensors.apply(name)));
            if (options.has("ignore_index")) {
              o.ignoreIndex(options.get("ignore_index").asLong());
            }
            if (options.has("label_smoothing")) {
              o.labelSmoothing(options.get("label_smoothing").asDouble());
            }
          });
      case "NLLLoss" ->
          new NLLLoss(o -> {
            o.reduction(reduction);
            given.forEach(name -> o.weight(tensors.apply(name)));
            if (options.has("ignore_index")) {
              o.ignoreIndex(options.get("ignore_index").asLong());
            }
          });
      default -> throw new IllegalArgumentException(recorded.toString());
    };
  }
}
