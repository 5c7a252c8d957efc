package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.io.OrderedDict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// The state of a module by path, with Python's keys, order and error texts.
final class StateDicts {
  private StateDicts() {}

  /// The state in the form that Python saves: with the version of each module beside it.
  static OrderedDict<String, Tensor> of(Module module) {
    OrderedDict<String, Tensor> state = new OrderedDict<>();
    walk(module, "", (path, tensor) -> state.put(path, tensor.detach()));
    OrderedDict<String, Object> metadata = new OrderedDict<>();
    addVersions(module, "", metadata);
    state.attributes().put("_metadata", metadata);
    return state;
  }

  private static void addVersions(Module module, String path, Map<String, Object> versions) {
    Map<String, Object> local = new LinkedHashMap<>();
    local.put("version", module.stateVersion());
    versions.put(path, local);
    module
        .childrenByName()
        .forEach((name, child) -> addVersions(child, Module.join(path, name), versions));
  }

  /// Calls a function with each parameter and persistent buffer; unlike in a list of parameters,
  /// shared ones come under each of their names.
  static void walk(Module module, String path, BiConsumer<String, Tensor> visitor) {
    module.ownState().forEach((name, tensor) -> visitor.accept(Module.join(path, name), tensor));
    module.childrenByName().forEach((name, child) -> walk(child, Module.join(path, name), visitor));
  }

  static Module.IncompatibleKeys load(Module module, Map<String, Tensor> given, boolean strict) {
    Map<String, Tensor> stateDict = new LinkedHashMap<>(given);
    module
        .namedModules()
        .forEach((path, each) ->
            each.loadHooks()
                .forEach(hook -> hook.accept(stateDict, path.isEmpty() ? "" : path + ".")));
    Map<String, Tensor> targets = new LinkedHashMap<>();
    walk(module, "", targets::put);
    List<String> missing = new ArrayList<>();
    collectMissing(module, "", stateDict.keySet(), missing);
    Set<String> unexpected = new LinkedHashSet<>(stateDict.keySet());
    unexpected.removeAll(targets.keySet());

    List<String> problems = new ArrayList<>();
    if (strict && !missing.isEmpty()) {
      problems.add("Missing key(s) in state_dict: " + quoted(missing) + ". ");
    }
    if (strict && !unexpected.isEmpty()) {
      problems.add("Unexpected key(s) in state_dict: " + quoted(unexpected) + ". ");
    }
    targets.forEach((key, target) -> {
      Tensor value = stateDict.get(key);
      if (value != null && !Arrays.equals(value.shape(), target.shape())) {
        problems.add(
            "size mismatch for %s: copying a param with shape %s from checkpoint, the shape in current model is %s."
                .formatted(key, PythonText.size(value.shape()), PythonText.size(target.shape())));
      }
    });
    if (!problems.isEmpty()) {
      throw new TorchException(
          "Error(s) in loading state_dict for %s:\n\t%s"
              .formatted(module.typeName(), String.join("\n\t", problems)));
    }

    try (var mode = Torch.noGrad()) {
      targets.forEach((key, target) -> {
        Tensor value = stateDict.get(key);
        if (value != null) target.copy_(value);
      });
    }
    return new Module.IncompatibleKeys(List.copyOf(missing), List.copyOf(unexpected));
  }

  private static void collectMissing(
      Module module, String path, Set<String> keys, List<String> missing) {
    for (String name : module.ownState().keySet()) {
      String key = Module.join(path, name);
      if (!keys.contains(key) && !module.mayLack(name)) missing.add(key);
    }
    module
        .childrenByName()
        .forEach((name, child) -> collectMissing(child, Module.join(path, name), keys, missing));
  }

  private static String quoted(Iterable<String> keys) {
    List<String> quoted = new ArrayList<>();
    keys.forEach(key -> quoted.add('"' + key + '"'));
    return quoted.stream().collect(Collectors.joining(", "));
  }
}
