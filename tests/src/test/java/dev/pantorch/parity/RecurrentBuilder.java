package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LSTMCell;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.RNNCell;
import dev.pantorch.nn.RNNCellBase;
import dev.pantorch.nn.RecurrentOptions;
import dev.pantorch.nn.utils.rnn.PaddingSide;
import java.util.Locale;

/// Builds the recurrent layer or cell that a fixture names, of 5 features and 4 hidden ones.
final class RecurrentBuilder {
  private RecurrentBuilder() {}

  static Module build(JsonNode recorded) {
    JsonNode options = recorded.get("options");
    return switch (recorded.get("module").asText()) {
      case "RNN" ->
          new RNN(
              5,
              4,
              o ->
                  LayerBuilder.each(
                      options,
                      (k, v) -> {
                        if (k.equals("nonlinearity")) o.nonlinearity(nonlinearity(v));
                        else stacked(o, k, v);
                      }));
      case "GRU" -> new GRU(5, 4, o -> LayerBuilder.each(options, (k, v) -> stacked(o, k, v)));
      case "LSTM" ->
          new LSTM(
              5,
              4,
              o ->
                  LayerBuilder.each(
                      options,
                      (k, v) -> {
                        if (k.equals("proj_size")) o.projSize(v.asLong());
                        else stacked(o, k, v);
                      }));
      case "RNNCell" ->
          new RNNCell(
              5,
              4,
              o ->
                  LayerBuilder.each(
                      options,
                      (k, v) -> {
                        if (k.equals("nonlinearity")) o.nonlinearity(nonlinearity(v));
                        else cell(o, k, v);
                      }));
      case "GRUCell" -> new GRUCell(5, 4, o -> LayerBuilder.each(options, (k, v) -> cell(o, k, v)));
      case "LSTMCell" ->
          new LSTMCell(5, 4, o -> LayerBuilder.each(options, (k, v) -> cell(o, k, v)));
      default -> throw new IllegalArgumentException(recorded.toString());
    };
  }

  static PaddingSide side(JsonNode recorded) {
    return PaddingSide.valueOf(recorded.get("side").asText().toUpperCase(Locale.ROOT));
  }

  private static RNN.Nonlinearity nonlinearity(JsonNode value) {
    return RNN.Nonlinearity.valueOf(value.asText().toUpperCase(Locale.ROOT));
  }

  private static void stacked(RecurrentOptions<?> options, String key, JsonNode value) {
    switch (key) {
      case "num_layers" -> options.numLayers(value.asInt());
      case "bias" -> options.bias(value.asBoolean());
      case "batch_first" -> options.batchFirst(value.asBoolean());
      case "dropout" -> options.dropout(value.asDouble());
      case "bidirectional" -> options.bidirectional(value.asBoolean());
      case "dtype" -> options.dtype(TensorSpecs.dtype(value.asText()));
      default -> throw new IllegalArgumentException(key);
    }
  }

  private static void cell(RNNCellBase.Options<?> options, String key, JsonNode value) {
    switch (key) {
      case "bias" -> options.bias(value.asBoolean());
      case "dtype" -> options.dtype(TensorSpecs.dtype(value.asText()));
      default -> throw new IllegalArgumentException(key);
    }
  }
}
