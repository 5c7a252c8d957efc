package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.ModuleMembers;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.nn.BatchNorm;
import dev.pantorch.nn.ConvTranspose1d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.ConvTranspose3d;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.EmbeddingBag;
import dev.pantorch.nn.LinearCrossEntropyLoss;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.nn.PReLU;
import dev.pantorch.nn.RNNCellBase;
import dev.pantorch.nn.RecurrentModule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Observers in, quantized layers out.
final class StaticQuantization {
  private static final String OBSERVER = "activation_post_process";
  private static final ModuleQuantization ACCESS = ModuleQuantization.get();

  private StaticQuantization() {}

  /// A layer whose outputs are observed, or one that only waits for being converted.
  private static final class Observed extends LayerForm {
    final @Nullable LayerForm inner;
    final @Nullable ObserverBase observer;
    final QConfig qconfig;

    Observed(@Nullable LayerForm inner, @Nullable ObserverBase observer, QConfig qconfig) {
      this.inner = inner;
      this.observer = observer;
      this.qconfig = qconfig;
    }

    @Override
    public Object compute(Object input, UnaryOperator<Object> own) {
      Object output = inner == null ? own.apply(input) : inner.compute(input, own);
      return observer == null ? output : observer.forward((Tensor) output);
    }

    @Override
    public String typeName(String own) {
      return inner == null ? own : inner.typeName(own);
    }

    @Override
    public String extraRepr(String own) {
      return inner == null ? own : inner.extraRepr(own);
    }

    ObserverBase.QParams parameters() {
      if (observer == null) throw new IllegalStateException("no observer");
      return observer.calculateQParams();
    }
  }

  // Preparing.

  static void prepare(Module model, StaticOptions options) {
    if (model.isTraining()) {
      throw new ValueException(
          "the model is in training mode: call eval() first, since calibration must not change it");
    }
    for (String[] names : options.fused) fuse(model, names);
    Map<String, Module> modules = model.namedModules();
    Set<String> unknown = new TreeSet<>(options.names.keySet());
    unknown.removeAll(modules.keySet());
    if (!unknown.isEmpty()) {
      throw new ValueException(
          "the model has no modules %s; it has %s".formatted(unknown, modules.keySet()));
    }
    Map<Module, Runnable> steps = new LinkedHashMap<>();
    visit(model, "", options.general(), options, steps);
    if (steps.isEmpty()) {
      throw new ValueException(
          "None of the submodule got qconfig applied: no layer that can be quantized has one, of %s"
              .formatted(modules.keySet()));
    }
    // All is checked before anything is changed.
    steps.values().forEach(Runnable::run);
  }

  private static void visit(
      Module module,
      String path,
      @Nullable QConfig inherited,
      StaticOptions options,
      Map<Module, Runnable> steps) {
    // It computes with the weight of its layer and not with the layer.
    if (module instanceof LinearCrossEntropyLoss) return;
    QConfig qconfig = inherited;
    if (options.types.containsKey(module.getClass()))
      qconfig = options.types.get(module.getClass());
    if (options.names.containsKey(path)) qconfig = options.names.get(path);
    QConfig own = qconfig;
    if (own != null && isQuantizable(module, path, own)) {
      if (ACCESS.form(module) instanceof Observed) {
        throw new ValueException("'%s' is prepared already".formatted(path));
      }
      steps.putIfAbsent(module, () -> observe(module, own));
    }
    module
        .namedChildren()
        .forEach((name, child) -> {
          if (child instanceof ObserverBase) return;
          visit(child, path.isEmpty() ? name : path + "." + name, own, options, steps);
        });
  }

  private static boolean isQuantizable(Module module, String path, QConfig qconfig) {
    if (ACCESS.isQuantized(module)) return false;
    return switch (module) {
      case QuantStub _, DeQuantStub _, FloatFunctional _ -> true;
      case RecurrentModule _, RNNCellBase _, MultiheadAttention _ ->
          throw new ValueException(
              "'%s', a %s, cannot be quantized statically: leave it out with qconfig(\"%s\", null); quantizeDynamic_ quantizes recurrent layers"
                  .formatted(path, module.getClass().getSimpleName(), path));
      case Embedding _, EmbeddingBag _ -> {
        requireRows(module, path, qconfig);
        yield true;
      }
      case ConvTranspose1d _, ConvTranspose2d _, ConvTranspose3d _ -> {
        if (qconfig.weight().get() instanceof PerChannelObserver) {
          throw new ValueException(
              "Per channel weight observer is not supported yet for ConvTranspose{n}d. '%s' needs one of whole tensors: qconfig(\"%s\", QConfig.DEFAULT)"
                  .formatted(path, path));
        }
        yield true;
      }
      default -> ACCESS.isStatic(module);
    };
  }

  private static void requireRows(Module module, String path, QConfig qconfig) {
    if (qconfig.weight().get() instanceof UniformQuantizationObserverBase observer
        && observer.qscheme() == QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS) {
      return;
    }
    throw new ValueException(
        "%s quantization is only supported with float_qparams_weight_only_qconfig: qconfig(\"%s\", QConfig.FLOAT_QPARAMS_WEIGHT_ONLY)"
            .formatted(module.getClass().getSimpleName(), path));
  }

  private static void observe(Module module, QConfig qconfig) {
    ObserverBase observer = null;
    if (module instanceof QuantStub
        || module instanceof FloatFunctional
        || ACCESS.isScaled(module)) {
      observer = qconfig.activation().get();
      observer.eval();
      ModuleMembers.of(module).children().put(OBSERVER, observer);
    }
    ACCESS.setForm(module, new Observed(ACCESS.form(module), observer, qconfig));
  }

  static void fuse(Module model, String... names) {
    List<Module> layers = new ArrayList<>();
    for (String name : names) layers.add(model.getSubmodule(name));
    ACCESS.fuse(layers);
  }

  // Converting.

  static void convert(Module model) {
    boolean prepared = false;
    for (Module module : model.modules()) {
      if (!(ACCESS.form(module) instanceof Observed form)) continue;
      prepared = true;
      try (var scope = TensorScope.open();
          var mode = Torch.noGrad()) {
        ModuleMembers.of(module).children().remove(OBSERVER);
        ACCESS.setForm(module, form.inner);
        convert(module, form);
      }
    }
    if (!prepared) {
      throw new ValueException(
          "the model has no observers: call prepare_ first, and run it on data");
    }
  }

  private static void convert(Module module, Observed form) {
    switch (module) {
      case QuantStub stub -> stub.convert(form.parameters(), quantizedDType(form));
      case DeQuantStub stub -> stub.convert();
      case FloatFunctional functional -> functional.convert(form.parameters());
      case Embedding _, EmbeddingBag _ -> {
        DType dtype = form.qconfig.weight().get().dtype();
        var quantizer = ACCESS.dynamic(module, dtype);
        if (quantizer == null) {
          throw new ValueException(
              "The only supported dtype for nnq.%s is torch.quint8 and torch.quint4x2, got %s"
                  .formatted(module.getClass().getSimpleName(), dtype));
        }
        quantizer.accept(dtype);
      }
      default -> convertLayer(module, form);
    }
  }

  private static DType quantizedDType(Observed form) {
    return form.observer == null ? DType.QUINT8 : form.observer.dtype();
  }

  private static void convertLayer(Module module, Observed form) {
    Tensor weight = ACCESS.staticWeight(module);
    Tensor quantized = null;
    if (weight != null) {
      ObserverBase observer = form.qconfig.weight().get();
      Tensor floats = weight.detach().to(DType.FLOAT32);
      observer.forward(floats);
      // Its kernel multiplies positive numbers by a quantized 1, which Python leaves out of range.
      if (module instanceof PReLU) observer.forward(Torch.ones(1));
      quantized =
          module instanceof PReLU ? bytes(floats, observer) : quantizedWeight(floats, observer);
    }
    Tensor scale = Torch.tensor(1f);
    Tensor zeroPoint = Torch.tensor(0L);
    if (form.observer != null) {
      ObserverBase.QParams parameters = form.parameters();
      // As Python's modules have them in their state.
      boolean vectors = module instanceof BatchNorm;
      scale = vectors ? parameters.scale() : parameters.scale().squeeze();
      zeroPoint =
          vectors ? parameters.zeroPoint() : parameters.zeroPoint().squeeze().to(DType.INT64);
    }
    ACCESS.convert(module, new ModuleQuantization.Static(quantized, scale, zeroPoint));
  }

  /// The slope of a `PReLU`, whatever its observer is for.
  private static Tensor bytes(Tensor weight, ObserverBase observer) {
    ObserverBase.QParams parameters = observer.calculateQParams();
    return Torch.quantizePerTensor(
        weight, parameters.scale().item(), parameters.zeroPoint().itemLong(), DType.QUINT8);
  }

  private static Tensor quantizedWeight(Tensor weight, ObserverBase given) {
    if (!(given instanceof UniformQuantizationObserverBase observer)
        || given.dtype() != DType.QINT8) {
      throw new ValueException("Weight observer must have dtype torch.qint8, got " + given.dtype());
    }
    ObserverBase.QParams parameters = observer.calculateQParams();
    if (!Double.isFinite(parameters.scale().max().item())) {
      throw new ValueException("'weight' has NaN or infinite elements");
    }
    double scale = parameters.scale().select(0, 0).item();
    long zeroPoint = (long) parameters.zeroPoint().select(0, 0).item();
    Tensor scales = parameters.scale().to(DType.FLOAT64);
    Tensor zeroPoints = parameters.zeroPoint().to(DType.INT64);
    long axis = observer instanceof PerChannelObserver channels ? channels.chAxis() : -1;
    Tensor quantized =
        axis < 0
            ? Torch.quantizePerTensor(weight, scale, zeroPoint, DType.QINT8)
            : QUANTIZE_CHANNELS.callTensor(weight, scales, zeroPoints, axis, DType.QINT8);
    if (observer.quantMin() <= Byte.MIN_VALUE && observer.quantMax() >= Byte.MAX_VALUE) {
      return quantized;
    }
    Tensor clamped = quantized.intRepr().clamp(observer.quantMin(), observer.quantMax());
    return axis < 0
        ? MAKE_TENSOR.callTensor(clamped, scale, zeroPoint)
        : MAKE_CHANNELS.callTensor(clamped, scales, zeroPoints, axis);
  }

  private static final Operator QUANTIZE_CHANNELS = Torch.op("aten::quantize_per_channel");
  private static final Operator MAKE_TENSOR = Torch.op("aten::_make_per_tensor_quantized_tensor");
  private static final Operator MAKE_CHANNELS =
      Torch.op("aten::_make_per_channel_quantized_tensor");
}
