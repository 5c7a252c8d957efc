package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.internal.ModelCopy;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.internal.RuntimeCalls;
import dev.pantorch.nn.LinearCrossEntropyLoss;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Dynamic quantization: weights become bytes (or halves) once, activations are quantized in each
/// call by the range that they have then. Needs no data and no training.
///
/// ```java
/// LSTMModel quantized = Quantization.quantizeDynamic(model, () -> new LSTMModel(5, 64, 2, 1));
/// Tensor y = quantized.forward(x);
/// ```
///
/// Layers of the classes `Linear`, `LSTM`, `GRU`, `LSTMCell`, `GRUCell` and `RNNCell` can be
/// quantized. They stay the same objects, so a model's fields and its `forward` go on as before,
/// and compute what Python's quantized layers do. Their weights are buffers then and are not
/// trained; {@link Module#stateDict} has them under their names, with dtype `qint8` or `float16`.
///
/// [torch.ao.quantization.quantize_dynamic](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.quantize_dynamic.html)
public final class Quantization {
  private Quantization() {}

  // Engines.

  /// The library that weights are packed for from now on.
  ///
  /// @return the engine in use
  public static QuantizationEngine engine() {
    return QuantizationEngine.of(RuntimeCalls.quantizedEngine());
  }

  /// The libraries that this libtorch has.
  ///
  /// @return the engines, in libtorch's order
  public static List<QuantizationEngine> supportedEngines() {
    return RuntimeCalls.quantizedEngines().stream().map(QuantizationEngine::of).toList();
  }

  /// Chooses the library that weights are packed for from now on. Layers that are quantized already
  /// stay with theirs until {@link Module#loadStateDict} packs them anew.
  ///
  /// @param engine one of {@link #supportedEngines}
  /// @throws ValueException if this libtorch does not have it
  public static void setEngine(QuantizationEngine engine) {
    if (!supportedEngines().contains(engine)) {
      throw new ValueException(
          "quantized engine %s is not supported; this libtorch has %s"
              .formatted(engine, supportedEngines()));
    }
    RuntimeCalls.setQuantizedEngine(engine.code());
  }

  // Quantizing.

  /// A copy of a model with all layers that can be quantized as bytes, in evaluation mode.
  ///
  /// @param model a trained model on the CPU, which stays as it is
  /// @param architecture makes another one of the same architecture
  /// @param <M> its class
  /// @return the quantized model
  /// @throws ValueException if a layer cannot be quantized: recurrent ones without biases or with
  ///   projections, parametrized ones, and weights that are not finite
  public static <M extends Module> M quantizeDynamic(M model, Supplier<M> architecture) {
    return quantizeDynamic(model, architecture, o -> {});
  }

  /// A quantized copy of a model, in evaluation mode.
  ///
  /// @param model a trained model on the CPU, which stays as it is
  /// @param architecture makes another one of the same architecture
  /// @param settings says which layers, and to what
  /// @param <M> its class
  /// @return the quantized model
  /// @throws ValueException if a layer cannot be quantized, the dtype is another one, or a name is
  ///   none of the model's
  public static <M extends Module> M quantizeDynamic(
      M model, Supplier<M> architecture, Consumer<DynamicOptions> settings) {
    return quantizeDynamic_(ModelCopy.of(model, architecture), settings);
  }

  /// Quantizes all layers of a model that can be, and puts it into evaluation mode.
  ///
  /// @param model a model on the CPU: a trained one, or one that is about to load the state of a
  ///   quantized one
  /// @param <M> its class
  /// @return the model
  /// @throws ValueException if a layer cannot be quantized
  public static <M extends Module> M quantizeDynamic_(M model) {
    return quantizeDynamic_(model, o -> {});
  }

  /// Quantizes layers of a model, and puts it into evaluation mode.
  ///
  /// @param model a model on the CPU: a trained one, or one that is about to load the state of a
  ///   quantized one
  /// @param settings says which layers, and to what
  /// @param <M> its class
  /// @return the model
  /// @throws ValueException if a layer cannot be quantized, the dtype is another one, or a name is
  ///   none of the model's
  public static <M extends Module> M quantizeDynamic_(M model, Consumer<DynamicOptions> settings) {
    DynamicOptions options = new DynamicOptions();
    settings.accept(options);
    if (options.dtype != DType.QINT8 && options.dtype != DType.FLOAT16) {
      throw new ValueException(
          "Don't know how to quantize with default settings for %s; there are torch.qint8 and torch.float16"
              .formatted(options.dtype));
    }
    Set<String> unknown = new HashSet<>(options.names);
    model.eval();
    boolean all = options.types.isEmpty() && options.names.isEmpty();
    try (var scope = TensorScope.open()) {
      visit(model, "", all, options, unknown);
    }
    if (!unknown.isEmpty()) {
      throw new ValueException(
          "the model has no modules %s; it has %s"
              .formatted(unknown, model.namedModules().keySet()));
    }
    return model;
  }

  private static void visit(
      Module module, String path, boolean inherited, DynamicOptions options, Set<String> unknown) {
    // It computes with the weight of its layer and not with the layer.
    if (module instanceof LinearCrossEntropyLoss) return;
    boolean named = unknown.remove(path);
    boolean wanted = inherited || named || options.types.contains(module.getClass());
    Consumer<DType> quantizer = ModuleQuantization.of(module);
    if (quantizer != null && wanted) quantizer.accept(options.dtype);
    module
        .namedChildren()
        .forEach((name, child) ->
            visit(child, path.isEmpty() ? name : path + "." + name, wanted, options, unknown));
  }

  // Comparing.

  /// Measures what quantization gains and costs: size, time of forward passes, error.
  ///
  /// ```java
  /// Comparison report = Quantization.compare(model, quantized, LSTMModel::forward, x, 1, 32);
  /// System.out.println(report);
  /// ```
  ///
  /// @param model the float model, in evaluation mode
  /// @param quantized the quantized one
  /// @param forward calls either
  /// @param data inputs, the batch first; errors are of all of them
  /// @param batchSizes the batches that are timed, of the first elements of the data
  /// @param <M> the class of the models
  /// @return the report
  /// @throws ValueException if a batch size is less than 1 or more than there is data
  /// @throws IOException if the models cannot be written to the folder of temporary files
  public static <M extends Module> Comparison compare(
      M model,
      M quantized,
      BiFunction<? super M, ? super Tensor, Tensor> forward,
      Tensor data,
      int... batchSizes)
      throws IOException {
    return Comparison.measure(model, quantized, forward, data, batchSizes);
  }
}
