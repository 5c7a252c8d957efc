package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.ModelCopy;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.internal.RuntimeCalls;
import dev.pantorch.nn.LinearCrossEntropyLoss;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Makes models of bytes. Dynamic quantization needs no data: weights become bytes (or halves)
/// once, activations are quantized in each call by the range that they have then.
///
/// ```java
/// LSTMModel quantized = Quantization.quantizeDynamic(model, () -> new LSTMModel(5, 64, 2, 1));
/// Tensor y = quantized.forward(x);
/// ```
///
/// Layers of the classes `Linear`, `LSTM`, `GRU`, `LSTMCell`, `GRUCell` and `RNNCell` can be
/// quantized so, and the rows of `Embedding` and `EmbeddingBag`. {@linkplain #quantize Static
/// quantization} is for convolutions and whole networks: it observes activations on typical inputs,
/// and computes with bytes from layer to layer.
///
/// Layers stay the same objects, so a model's fields and its `forward` go on as before, and compute
/// what Python's quantized layers do. Their weights are buffers then and are not trained; {@link
/// Module#stateDict} has them under their names, as quantized tensors.
///
/// [torch.ao.quantization](https://docs.pytorch.org/docs/2.13/quantization.html)
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
    if (!DynamicOptions.DTYPES.contains(options.dtype)) {
      throw new ValueException(
          "Don't know how to quantize with default settings for %s; there are %s"
              .formatted(options.dtype, DynamicOptions.DTYPES));
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
    boolean direct = named || options.types.contains(module.getClass());
    boolean wanted = inherited || direct;
    Consumer<DType> quantizer = ModuleQuantization.get().dynamic(module, options.dtype);
    if (quantizer != null && wanted && options.isDefault(module, direct)) {
      quantizer.accept(options.dtype);
    } else if (quantizer == null && direct) {
      requireNoOther(module, path, options.dtype);
    }
    module
        .namedChildren()
        .forEach((name, child) ->
            visit(child, path.isEmpty() ? name : path + "." + name, wanted, options, unknown));
  }

  /// A layer that is asked for itself is one that can be quantized as asked, or a container.
  private static void requireNoOther(Module module, String path, DType dtype) {
    for (DType other : DynamicOptions.DTYPES) {
      if (ModuleQuantization.get().dynamic(module, other) == null) continue;
      throw new ValueException(
          "'%s', a %s, cannot be quantized to %s, but to %s"
              .formatted(path, module.getClass().getSimpleName(), dtype, other));
    }
  }

  // Weights alone.

  /// Makes the weights of linear layers bytes or half bytes, and leaves activations floats: for
  /// models of bfloat16 that are asked for one or a few rows at a time. Where that pays is in the
  /// documentation; dynamic quantization is faster for float32.
  ///
  /// ```java
  /// model.to(DType.BFLOAT16);
  /// Quantization.quantizeWeights_(model, o -> o.bits(4).groupSize(64));
  /// ```
  ///
  /// The numbers are those of `torch.ops.aten._weight_int8pack_mm` and
  /// `_weight_int4pack_mm_for_cpu` on weights that are quantized as PyTorch's tests of these do.
  ///
  /// @param model a model on the CPU: a trained one, or one that is about to load the state of a
  ///   quantized one
  /// @param settings says which layers, and to how many bits
  /// @param <M> its class
  /// @return the model, in evaluation mode
  /// @throws ValueException if bits or group sizes are none that there are, a name is none of the
  ///   model's, or a weight does not fit: of 4 bits, its rows are a multiple of 16 and its columns
  ///   of the group size
  public static <M extends Module> M quantizeWeights_(
      M model, Consumer<WeightOnlyOptions> settings) {
    WeightOnlyOptions options = Settings.of(new WeightOnlyOptions(), settings);
    options.check();
    Map<String, Module> modules = model.namedModules();
    Set<String> unknown = new TreeSet<>(options.names);
    unknown.removeAll(modules.keySet());
    if (!unknown.isEmpty()) {
      throw new ValueException(
          "the model has no modules %s; it has %s".formatted(unknown, modules.keySet()));
    }
    model.eval();
    Set<Module> wanted = new LinkedHashSet<>();
    if (options.names.isEmpty()) wanted.addAll(modules.values());
    for (String name : options.names) wanted.addAll(model.getSubmodule(name).modules());
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      // They compute with the weights of their layers and not with the layers.
      for (Module module : modules.values()) {
        if (module instanceof LinearCrossEntropyLoss) wanted.removeAll(module.modules());
      }
      for (Module module : wanted) {
        ModuleQuantization.get().weightOnly(module, options.bits, options.groupSize);
      }
    }
    return model;
  }

  // Static quantization.

  /// Makes one layer of layers that follow each other, as Python's `fuse_modules` does in
  /// evaluation mode. The first one then computes all, and the others return their inputs. A norm
  /// is taken into the weights before it.
  ///
  /// ```java
  /// Quantization.fuseModules_(model, "conv", "bn", "relu");
  /// ```
  ///
  /// There are `Conv` and `BatchNorm`, both with `ReLU` behind or not, `Conv` and `ReLU`, `Linear`
  /// and `BatchNorm1d`, `Linear` and `ReLU`, `BatchNorm` of 2 or 3 dimensions and `ReLU`, and
  /// `ConvTranspose` and `BatchNorm`.
  ///
  /// @param model a model in evaluation mode
  /// @param names two or three paths, in the order in which the layers compute
  /// @param <M> its class
  /// @return the model
  /// @throws ValueException if the layers are of other classes or in training mode
  /// @throws IllegalArgumentException if a name is none of the model's
  public static <M extends Module> M fuseModules_(M model, String... names) {
    StaticQuantization.fuse(model, names);
    return model;
  }

  /// Puts observers behind the layers of a model, for {@link QConfig#getDefault} of the engine in
  /// use. Run it on some hundred typical inputs then, and {@link #convert_} it.
  ///
  /// @param model a model on the CPU, in evaluation mode
  /// @param <M> its class
  /// @return the model
  /// @throws ValueException if the model is in training mode, prepared already or has layers that
  ///   cannot be quantized like this
  public static <M extends Module> M prepare_(M model) {
    return prepare_(model, o -> {});
  }

  /// Puts observers behind the layers of a model.
  ///
  /// ```java
  /// Quantization.prepare_(net, o -> o.fuse("conv", "bn", "relu"));
  /// for (Tensor batch : calibration) net.forward(batch);
  /// Quantization.convert_(net);
  /// ```
  ///
  /// Between a {@link QuantStub} and a {@link DeQuantStub}, which a model has where floats become
  /// quantized numbers and the reverse, layers are observed that take and return quantized numbers:
  /// `Linear`, convolutions, norms but `BatchNorm1d`, `ELU`, `Hardswish`, `LeakyReLU`, `PReLU`, and
  /// {@link FloatFunctional}. What computes with quantized numbers anyway needs no observer:
  /// `ReLU`, `Sigmoid`, pooling, reshaping.
  ///
  /// @param model a model on the CPU, in evaluation mode
  /// @param settings says which layers, and how
  /// @param <M> its class
  /// @return the model
  /// @throws ValueException if the model is in training mode, prepared already or has layers that
  ///   cannot be quantized like this, or a name is none of the model's
  public static <M extends Module> M prepare_(M model, Consumer<StaticOptions> settings) {
    StaticQuantization.prepare(model, Settings.of(new StaticOptions(), settings));
    return model;
  }

  /// Quantizes the layers that {@link #prepare_} has put observers behind, by what these have seen.
  ///
  /// @param model the prepared model; one that has seen no data is converted too, with a warning
  ///   for each observer, to load the state of a quantized one
  /// @param <M> its class
  /// @return the model
  /// @throws ValueException if the model is not prepared, or a weight is not finite
  public static <M extends Module> M convert_(M model) {
    StaticQuantization.convert(model);
    return model;
  }

  /// A statically quantized copy of a model, in evaluation mode: prepares, calibrates, converts.
  ///
  /// ```java
  /// Net quantized =
  ///     Quantization.quantize(
  ///         net,
  ///         Net::new,
  ///         copy -> calibration.forEach(copy::forward),
  ///         o -> o.fuse("conv", "bn", "relu"));
  /// ```
  ///
  /// [torch.ao.quantization.quantize](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.quantize.html)
  ///
  /// @param model a trained model on the CPU, which stays as it is
  /// @param architecture makes another one of the same architecture
  /// @param calibrate runs the model on typical inputs
  /// @param settings says which layers, and how
  /// @param <M> its class
  /// @return the quantized model
  /// @throws ValueException if layers cannot be quantized like this, or a name is none of the
  ///   model's
  public static <M extends Module> M quantize(
      M model,
      Supplier<M> architecture,
      Consumer<? super M> calibrate,
      Consumer<StaticOptions> settings) {
    M copy = ModelCopy.of(model, architecture);
    copy.eval();
    prepare_(copy, settings);
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      calibrate.accept(copy);
    }
    return convert_(copy);
  }

  /// A state dict of Python's statically quantized model, or one with quantized embeddings, in the
  /// form that models have here: Python keeps the weights of linear layers and embeddings in
  /// objects of their own, `fc._packed_params._packed_params`.
  ///
  /// ```java
  /// Net loaded = Quantization.convert_(Quantization.prepare_(new Net()));
  /// loaded.loadStateDict(Quantization.stateDict(Torch.load(path).map()));
  /// ```
  ///
  /// @param python what Python's `torch.save(model.state_dict(), path)` has written
  /// @return a new map of its tensors
  /// @throws ValueException if there is something else in it, as the weights of dynamically
  ///   quantized recurrent layers are
  public static SequencedMap<String, Tensor> stateDict(Map<String, ?> python) {
    return PythonState.tensors(python);
  }

  // Comparing.

  /// Measures what quantization gains and costs: size, time of forward passes, error of the outputs
  /// and of what each quantized layer returns.
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
    return compare(model, quantized, forward, data, o -> o.batchSizes(batchSizes));
  }

  /// The same with a number of the task for which the models are.
  ///
  /// ```java
  /// Comparison report =
  ///     Quantization.compare(
  ///         model, quantized, LSTMModel::forward, x, o -> o.batchSizes(1, 32).metric("F1", each -> f1(each)));
  /// ```
  ///
  /// @param model the float model, in evaluation mode
  /// @param quantized the quantized one
  /// @param forward calls either
  /// @param data inputs, the batch first; errors are of all of them
  /// @param settings sets batch sizes and the metric
  /// @param <M> the class of the models
  /// @return the report
  /// @throws ValueException if a batch size is less than 1 or more than there is data
  /// @throws IOException if the models cannot be written to the folder of temporary files
  public static <M extends Module> Comparison compare(
      M model,
      M quantized,
      BiFunction<? super M, ? super Tensor, Tensor> forward,
      Tensor data,
      Consumer<CompareOptions<M>> settings)
      throws IOException {
    return Comparison.measure(
        model, quantized, forward, data, Settings.of(new CompareOptions<>(), settings));
  }
}
