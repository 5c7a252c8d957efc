package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.io.OrderedDict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The state of a module by path, with Python's keys, order, hooks and error texts.
final class StateDicts {
  private static final String EXTRA = "_extra_state";

  private StateDicts() {}

  /// The hooks of one module.
  static final class Hooks {
    final List<Module.StateDictPreHook> save = new CopyOnWriteArrayList<>();
    final List<Module.StateDictPostHook> saved = new CopyOnWriteArrayList<>();
    final List<Module.LoadStateDictPreHook> load = new CopyOnWriteArrayList<>();
    final List<Module.LoadStateDictPostHook> loaded = new CopyOnWriteArrayList<>();

    void addAll(Hooks other) {
      save.addAll(other.save);
      saved.addAll(other.saved);
      load.addAll(other.load);
      loaded.addAll(other.loaded);
    }
  }

  /// The state in the form that Python saves: with the version of each module beside it.
  static OrderedDict<String, Tensor> of(Module module) {
    OrderedDict<String, Tensor> state = new OrderedDict<>();
    OrderedDict<String, Object> metadata = new OrderedDict<>();
    save(module, "", state, metadata);
    state.attributes().put("_metadata", metadata);
    return state;
  }

  /// Unlike in a list of parameters, shared ones come under each of their names.
  private static void save(
      Module module, String path, Map<String, Tensor> state, Map<String, Object> metadata) {
    Map<String, Object> local = new LinkedHashMap<>();
    local.put("version", module.stateVersion());
    metadata.put(path, local);
    String prefix = Module.join(path, "");
    module.stateHooks().save.forEach(hook -> hook.apply(module, prefix));
    module.ownState().forEach((name, tensor) -> state.put(prefix + name, tensor.detach()));
    Tensor extra = module.getExtraState();
    if (extra != null) state.put(prefix + EXTRA, extra);
    module
        .childrenByName()
        .forEach((name, child) -> save(child, Module.join(path, name), state, metadata));
    module.stateHooks().saved.forEach(hook -> hook.apply(module, state, prefix, local));
  }

  static Module.IncompatibleKeys load(Module module, Map<String, Tensor> given, boolean strict) {
    Load load = new Load(metadata(given));
    load.check(module, "", new LinkedHashMap<>(given));
    boolean forgiving =
        module.modules().stream().anyMatch(each -> !each.stateHooks().loaded.isEmpty());
    if (forgiving && load.errors.isEmpty()) load.finish();
    List<String> problems = new ArrayList<>();
    if (strict && !load.missing.isEmpty()) {
      problems.add("Missing key(s) in state_dict: " + quoted(load.missing) + ". ");
    }
    if (strict && !load.unexpected.isEmpty()) {
      problems.add("Unexpected key(s) in state_dict: " + quoted(load.unexpected) + ". ");
    }
    problems.addAll(load.errors);
    if (!problems.isEmpty()) {
      throw new TorchException(
          "Error(s) in loading state_dict for %s:\n\t%s"
              .formatted(module.typeName(), String.join("\n\t", problems)));
    }
    if (!forgiving) load.finish();
    return new Module.IncompatibleKeys(List.copyOf(load.missing), List.copyOf(load.unexpected));
  }

  private static Map<?, ?> metadata(Map<String, Tensor> given) {
    return given instanceof OrderedDict<String, Tensor> ordered
            && ordered.attributes().get("_metadata") instanceof Map<?, ?> metadata
        ? metadata
        : Map.of();
  }

  /// One loading: first what fits is found, then it is copied.
  private static final class Load {
    final List<String> missing = new ArrayList<>();
    final List<String> unexpected = new ArrayList<>();
    final List<String> errors = new ArrayList<>();
    private final Map<?, ?> metadata;
    private final List<Runnable> steps = new ArrayList<>();

    Load(Map<?, ?> metadata) {
      this.metadata = metadata;
    }

    void check(Module module, String path, Map<String, Tensor> state) {
      String prefix = Module.join(path, "");
      Map<String, Object> local = new HashMap<>();
      if (metadata.get(path) instanceof Map<?, ?> saved) {
        saved.forEach((key, value) -> local.put(String.valueOf(key), value));
      }
      var loading = new Module.Loading(state, prefix, local, missing, unexpected, errors);
      module.stateHooks().load.forEach(hook -> hook.apply(module, loading));
      Map<String, Tensor> own = module.ownState();
      own.forEach((name, target) -> {
        Tensor value = state.get(prefix + name);
        if (value != null) {
          fit(prefix + name, value, target);
        } else if (!module.mayLack(name)) {
          missing.add(prefix + name);
        }
      });
      steps.add(module::repackAll);
      boolean hasExtra = module.getExtraState() != null;
      Tensor extra = state.get(prefix + EXTRA);
      if (hasExtra && extra != null) steps.add(() -> module.setExtraState(extra));
      if (hasExtra && extra == null) missing.add(prefix + EXTRA);
      Map<String, Module> children = module.childrenByName();
      for (String key : state.keySet()) {
        if (!key.startsWith(prefix)) continue;
        String name = key.substring(prefix.length());
        int dot = name.indexOf('.');
        boolean known =
            dot >= 0
                ? children.containsKey(name.substring(0, dot))
                : own.containsKey(name) || (hasExtra && name.equals(EXTRA));
        if (!known) unexpected.add(key);
      }
      children.forEach((name, child) -> {
        String childPath = Module.join(path, name);
        Map<String, Tensor> part = new LinkedHashMap<>();
        state.forEach((key, value) -> {
          if (key.startsWith(childPath + ".")) part.put(key, value);
        });
        check(child, childPath, part);
      });
      for (Module.LoadStateDictPostHook hook : module.stateHooks().loaded) {
        steps.add(() -> hook.apply(module, new Module.IncompatibleKeys(missing, unexpected)));
      }
    }

    private void fit(String key, Tensor given, Tensor target) {
      // Scalars were saved as one element by versions before 0.4.
      boolean old = target.dim() == 0 && Arrays.equals(given.shape(), new long[] {1});
      Tensor value = old ? given.select(0, 0) : given;
      if (quantizedTo(value) != quantizedTo(target)) {
        errors.add(
            "dtype mismatch for %s: the checkpoint has %s, the current model %s. Quantize the model before loading what a quantized one was saved as, and only then."
                .formatted(key, value.dtype(), target.dtype()));
      } else if (value.isQuantized() && !schemeOf(value).equals(schemeOf(target))) {
        errors.add(
            "scheme mismatch for %s: the checkpoint is %s, the current model %s. Quantize the model with the observers that the saved one had."
                .formatted(key, schemeOf(value), schemeOf(target)));
      } else if (Arrays.equals(value.shape(), target.shape())) {
        steps.add(() -> {
          try (var mode = Torch.noGrad()) {
            target.copy_(value);
          }
        });
      } else {
        errors.add(
            "size mismatch for %s: copying a param with shape %s from checkpoint, the shape in current model is %s."
                .formatted(key, PythonText.size(value.shape()), PythonText.size(target.shape())));
      }
    }

    private static String schemeOf(Tensor tensor) {
      return QuantizedKernels.scheme(tensor);
    }

    private static @Nullable DType quantizedTo(Tensor tensor) {
      return tensor.isQuantized() ? tensor.dtype() : null;
    }

    void finish() {
      steps.forEach(Runnable::run);
    }
  }

  private static String quoted(List<String> keys) {
    return keys.stream().map(key -> '"' + key + '"').collect(Collectors.joining(", "));
  }
}
