package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.CELU;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.ELU;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.GELU;
import dev.pantorch.nn.GLU;
import dev.pantorch.nn.Hardshrink;
import dev.pantorch.nn.Hardsigmoid;
import dev.pantorch.nn.Hardswish;
import dev.pantorch.nn.Hardtanh;
import dev.pantorch.nn.Identity;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LeakyReLU;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.LogSigmoid;
import dev.pantorch.nn.LogSoftmax;
import dev.pantorch.nn.Mish;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.PReLU;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.ReLU6;
import dev.pantorch.nn.SELU;
import dev.pantorch.nn.SiLU;
import dev.pantorch.nn.Sigmoid;
import dev.pantorch.nn.Softmax;
import dev.pantorch.nn.Softmin;
import dev.pantorch.nn.Softplus;
import dev.pantorch.nn.Softshrink;
import dev.pantorch.nn.Softsign;
import dev.pantorch.nn.Tanh;
import dev.pantorch.nn.Tanhshrink;
import dev.pantorch.nn.Threshold;
import java.util.function.BiConsumer;

/// Builds the layer that a fixture names, from the arguments that Python was given.
final class LayerBuilder {
  private LayerBuilder() {}

  static Module build(JsonNode recorded) {
    JsonNode args = recorded.get("args");
    JsonNode options = recorded.get("options");
    return switch (recorded.get("module").asText()) {
      case "Linear" ->
          new Linear(
              args.get(0).asLong(),
              args.get(1).asLong(),
              o -> each(options, (k, v) -> require(k, "bias", o.bias(v.asBoolean()))));
      case "LSTM" ->
          new LSTM(
              args.get(0).asLong(),
              args.get(1).asLong(),
              o -> each(options, (k, v) -> lstm(o, k, v)));
      case "Embedding" ->
          new Embedding(
              args.get(0).asLong(),
              args.get(1).asLong(),
              o -> each(options, (k, v) -> embedding(o, k, v)));
      case "BatchNorm1d" ->
          new BatchNorm1d(args.get(0).asLong(), o -> each(options, (k, v) -> batchNorm(o, k, v)));
      case "Dropout" -> new Dropout(options.path("p").asDouble(0.5));
      default -> activation(recorded.get("module").asText(), options);
    };
  }

  private static Module activation(String name, JsonNode options) {
    return switch (name) {
      case "ReLU" -> new ReLU();
      case "ReLU6" -> new ReLU6();
      case "SELU" -> new SELU();
      case "CELU" -> new CELU(options.get("alpha").asDouble());
      case "Mish" -> new Mish();
      case "LogSigmoid" -> new LogSigmoid();
      case "Hardswish" -> new Hardswish();
      case "Hardsigmoid" -> new Hardsigmoid();
      case "Softsign" -> new Softsign();
      case "Softshrink" -> new Softshrink(options.get("lambd").asDouble());
      case "Hardshrink" -> new Hardshrink();
      case "Tanhshrink" -> new Tanhshrink();
      case "Threshold" ->
          new Threshold(options.get("threshold").asDouble(), options.get("value").asDouble());
      case "GLU" -> new GLU(options.get("dim").asLong());
      case "Softmin" -> new Softmin(options.get("dim").asLong());
      case "PReLU" ->
          new PReLU(o ->
              o.numParameters(options.path("num_parameters").asLong(1))
                  .init(options.path("init").asDouble(0.25)));
      case "LeakyReLU" -> new LeakyReLU(options.path("negative_slope").asDouble(0.01));
      case "ELU" -> new ELU(options.path("alpha").asDouble(1));
      case "GELU" -> options.has("approximate") ? new GELU(GELU.Approximation.TANH) : new GELU();
      case "SiLU" -> new SiLU();
      case "Sigmoid" -> new Sigmoid();
      case "Tanh" -> new Tanh();
      case "Hardtanh" ->
          new Hardtanh(options.get("min_val").asDouble(), options.get("max_val").asDouble());
      case "Softplus" ->
          new Softplus(options.path("beta").asDouble(1), options.path("threshold").asDouble(20));
      case "Softmax" -> new Softmax(options.get("dim").asLong());
      case "LogSoftmax" -> new LogSoftmax(options.get("dim").asLong());
      case "Identity" -> new Identity();
      case "Flatten" -> new Flatten();
      default -> throw new IllegalArgumentException("module " + name);
    };
  }

  private static void lstm(LSTM.Options options, String key, JsonNode value) {
    switch (key) {
      case "num_layers" -> options.numLayers(value.asInt());
      case "bias" -> options.bias(value.asBoolean());
      case "batch_first" -> options.batchFirst(value.asBoolean());
      case "dropout" -> options.dropout(value.asDouble());
      case "bidirectional" -> options.bidirectional(value.asBoolean());
      case "proj_size" -> options.projSize(value.asLong());
      case "dtype" -> options.dtype(TensorSpecs.dtype(value.asText()));
      default -> throw new IllegalArgumentException(key);
    }
  }

  private static void embedding(Embedding.Options options, String key, JsonNode value) {
    switch (key) {
      case "padding_idx" -> options.paddingIdx(value.asLong());
      case "max_norm" -> options.maxNorm(value.asDouble());
      case "norm_type" -> options.normType(value.asDouble());
      case "scale_grad_by_freq" -> options.scaleGradByFreq(value.asBoolean());
      default -> throw new IllegalArgumentException(key);
    }
  }

  private static void batchNorm(BatchNorm1d.Options options, String key, JsonNode value) {
    switch (key) {
      case "eps" -> options.eps(value.asDouble());
      case "momentum" -> options.momentum(value.isNull() ? null : value.asDouble());
      case "affine" -> options.affine(value.asBoolean());
      case "track_running_stats" -> options.trackRunningStats(value.asBoolean());
      default -> throw new IllegalArgumentException(key);
    }
  }

  private static void require(String key, String expected, Object ignored) {
    if (!key.equals(expected)) {
      throw new IllegalArgumentException(key);
    }
  }

  static void each(JsonNode options, BiConsumer<String, JsonNode> action) {
    options.properties().forEach(option -> action.accept(option.getKey(), option.getValue()));
  }
}
