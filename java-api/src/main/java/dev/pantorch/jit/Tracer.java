package dev.pantorch.jit;

import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.JitCalls.Role;
import dev.pantorch.internal.JitCalls.SizeRuns;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.internal.Structure;
import dev.pantorch.internal.Tracing;
import dev.pantorch.nn.Module;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One trace of a module: builds its script, finds out its sizes, records it and checks it.
final class Tracer {
  private static final String ROOT = "__module";

  /// Names that Python's grammar keeps for itself, and Java's does not.
  private static final Set<String> KEYWORDS = Set.of("None", "True", "False");

  private final Module module;
  private final TraceOptions options;
  private final List<Object> inputs;
  private final Function<List<Object>, Object> function;
  private final IdentityHashMap<Object, String> paths = new IdentityHashMap<>();
  private final IdentityHashMap<Module, ScriptObject> scripts = new IdentityHashMap<>();

  Tracer(Module module, TraceOptions options, List<Object> inputs) {
    this.module = module;
    this.options = options;
    this.inputs = inputs;
    this.function =
        options.function != null
            ? options.function
            : ForwardMethod.find(module, options.method, inputs);
  }

  ScriptModule trace() {
    if (Tracing.isTracing()) throw new IllegalStateException("Tracing can't be nested");
    try (TensorScope scope = TensorScope.open()) {
      ScriptObject script = build(module, ROOT, null);
      State state = new State(module, inputs);
      NativeHandle base = null;
      SizeRuns runs = SizeRuns.NONE;
      if (options.dynamicSizes || options.checkTrace) {
        Tracing silent = tracing(inputs, true);
        base = record(script, inputs, silent);
        if (options.dynamicSizes && silent.hasReadSizes()) {
          runs =
              new SizeProbes(
                      inputs,
                      options.dynamicDims,
                      base,
                      larger -> {
                        state.restore();
                        return record(script, larger, tracing(larger, true));
                      })
                  .find();
        }
        state.restore();
      }
      JitCalls.Traced traced;
      List<Object> traceInputs = copies(inputs);
      try {
        traced =
            JitCalls.compile(
                script,
                options.method,
                traceInputs,
                inputNames(),
                options.strict,
                tracing(inputs, false),
                runs);
      } catch (TorchException refusal) {
        throw UnregisteredParameters.named(refusal, module);
      }
      warn(traced.report(), runs);
      ScriptModule result = new ScriptModule(script);
      if (options.checkTrace) {
        new TraceCheck(result, options, function)
            .run(
                inputs,
                traced.recording(),
                runs,
                base,
                fresh -> record(script, copies(fresh), tracing(fresh, true)));
      }
      return result;
    }
  }

  // The script, without its method.

  private ScriptObject build(Module source, String path, @Nullable ScriptObject sibling) {
    // The tracer knows the outermost module as the graph itself.
    if (!source.equals(module)) paths.put(source, path);
    ScriptObject known = scripts.get(source);
    if (known != null) return known;
    ScriptObject script = JitCalls.createModule("__torch__." + className(source), sibling);
    scripts.put(source, script);
    JitCalls.register(script, "training", Role.ATTRIBUTE, source.isTraining());
    source
        .namedParameters(false)
        .forEach((name, tensor) -> JitCalls.register(script, name, Role.PARAMETER, tensor));
    ModuleQuantization.Packed packed = ModuleQuantization.get().packed(source);
    source
        .namedBuffers(false)
        .forEach((name, tensor) -> {
          if (!packed.holds().test(name)) JitCalls.register(script, name, Role.BUFFER, tensor);
        });
    packed
        .objects()
        .forEach((name, object) -> JitCalls.register(script, name, Role.ATTRIBUTE, object));
    source
        .namedChildren()
        .forEach((name, child) ->
            JitCalls.register(
                script, name, Role.ATTRIBUTE, build(child, path + "." + name, script)));
    return script;
  }

  private static String className(Module module) {
    Class<?> type = module.getClass();
    while (type.isAnonymousClass()) type = type.getSuperclass();
    String name = type.getSimpleName().replaceAll("[^A-Za-z0-9_]", "_");
    return KEYWORDS.contains(name) ? name + "_" : name;
  }

  // Runs.

  private Tracing tracing(List<Object> like, boolean silent) {
    Function<List<@Nullable Object>, @Nullable Object> run =
        given -> function.apply(rebuilt(like, given));
    return new Tracing(run, paths, silent);
  }

  @SuppressWarnings("unchecked") // a list stays a list
  private static List<Object> rebuilt(List<Object> like, List<@Nullable Object> given) {
    Object rebuilt = Structure.rebuilt(like, given);
    if (rebuilt == null) throw new AssertionError("a list became null");
    return (List<Object>) rebuilt;
  }

  private NativeHandle record(ScriptObject script, List<Object> given, Tracing tracing) {
    try {
      return JitCalls.record(script, copies(given), options.strict, tracing);
    } catch (TorchException refusal) {
      throw UnregisteredParameters.named(refusal, module);
    }
  }

  /// The same inputs in tensors of their own, since the module may change them.
  @SuppressWarnings("unchecked") // a list stays a list
  static List<Object> copies(List<Object> inputs) {
    Object copied =
        Structure.map(
            inputs, tensor -> Torch.clone(tensor.detach()).requiresGrad_(tensor.requiresGrad()));
    if (copied == null) throw new AssertionError("a list became null");
    return (List<Object>) copied;
  }

  private List<String> inputNames() {
    List<String> names = options.inputNames;
    if (names == null && function instanceof ForwardMethod method) names = method.parameterNames();
    if (names == null && inputs.size() == 1) names = List.of("input");
    if (names == null) {
      names = IntStream.range(0, inputs.size()).mapToObj(i -> "input_" + i).toList();
    }
    if (names.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "%d names were given for %d inputs: %s".formatted(names.size(), inputs.size(), names));
    }
    return names;
  }

  /// What runs may change and is put back: buffers, and the generators of random numbers.
  private static final class State {
    private final Map<Tensor, Tensor> buffers = new LinkedHashMap<>();
    private final Map<Generator, Tensor> generators = new LinkedHashMap<>();

    State(Module module, List<Object> inputs) {
      for (Tensor buffer : module.buffers()) {
        // Quantized weights do not change, and not all of them can be copied.
        if (!buffer.isQuantized()) buffers.put(buffer, Torch.clone(buffer.detach()));
      }
      Set<Device> devices = new java.util.LinkedHashSet<>(List.of(Device.CPU));
      for (Tensor tensor : Structure.tensors(inputs)) devices.add(tensor.device());
      for (Tensor tensor : module.parameters()) devices.add(tensor.device());
      for (Device device : devices) {
        Generator generator = Generator.defaultFor(device);
        generators.put(generator, generator.getState());
      }
    }

    void restore() {
      try (var mode = Torch.noGrad()) {
        buffers.forEach((buffer, value) -> buffer.copy_(value));
      }
      generators.forEach(Generator::setState);
    }
  }

  // What could not be followed.

  private static final List<String> REPORTS =
      List.of(
          "The operators that are called depend on %s: a loop or condition of Java's was recorded"
              + " as it went, and the trace holds for this size only",
          "The number %s changes with the sizes of the inputs in a way that was not found out, and"
              + " was recorded as a constant. The trace might not generalize to inputs of other"
              + " sizes",
          "A floating-point number changes with the sizes of the inputs and was recorded as a"
              + " constant. The trace might not generalize to inputs of other sizes",
          "A tensor that was made of Java's data changes with the sizes of the inputs and was"
              + " recorded as a constant. The trace might not generalize to inputs of other sizes");

  private static void warn(List<@Nullable Object> report, SizeRuns runs) {
    for (Object entry : report) {
      List<?> parts = (List<?>) entry;
      if (parts == null) continue;
      long number = (Long) parts.get(1);
      int kind = ((Long) parts.get(0)).intValue();
      Object what = kind == 0 ? describeSize(runs, (int) number) : (Object) number;
      SourceLocation source = GraphReader.source(parts.get(2));
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          REPORTS.get(kind).formatted(what) + (source == null ? "" : " (" + source + ")"));
    }
  }

  private static String describeSize(SizeRuns runs, int index) {
    return "the size %d of dimension %d of input tensor %d"
        .formatted(
            runs.sizes().get(3 * index + 2),
            runs.sizes().get(3 * index + 1),
            runs.sizes().get(3 * index));
  }
}
