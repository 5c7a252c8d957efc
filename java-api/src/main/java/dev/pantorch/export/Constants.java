package dev.pantorch.export;

import static java.util.Objects.requireNonNull;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.export.ModelSource.ConstantSpec;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.internal.PackageCalls;
import dev.pantorch.internal.PythonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The weights of a compiled model.
final class Constants {
  private final String model;
  private final SequencedSet<String> names;
  private final Map<String, ConstantSpec> specs = new HashMap<>();
  private volatile boolean complete;

  /// @param listed names, as the model lists them: in the order of a hash table
  /// @param present what it holds; a package may have been compiled without its weights
  Constants(String model, List<?> listed, List<?> present, @Nullable ModelSource source) {
    this.model = model;
    names =
        listed.stream()
            .map(String.class::cast)
            .sorted()
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (source != null) specs.putAll(source.constants());
    for (Object each : present) {
      List<?> constant = (List<?>) each;
      specs.put(
          (String) constant.get(0),
          new ConstantSpec(
              DType.ofCode(Math.toIntExact((Long) constant.get(1))),
              numbers(constant.get(2)),
              numbers(constant.get(3))));
    }
    complete = present.size() == names.size();
  }

  private static List<Long> numbers(@Nullable Object list) {
    return ((List<?>) requireNonNull(list)).stream().map(Long.class::cast).toList();
  }

  SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(names);
  }

  /// Without its weights the compiled code reads from address 0.
  void requireComplete() {
    if (!complete) {
      throw new IllegalStateException(
          "model '%s' was compiled without its weights; load them first with loadConstants, all of %s"
              .formatted(model, names));
    }
  }

  /// Checks all, then copies all.
  void load(NativeHandle handle, Map<String, Tensor> weights, boolean all, Device device) {
    check(weights, all || !complete);
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      Map<String, Tensor> arranged = new LinkedHashMap<>();
      weights.forEach((name, weight) -> arranged.put(name, arranged(weight, name, device)));
      PackageCalls.loadConstants(handle, arranged, all);
    }
    complete |= all;
  }

  /// The model copies bytes: they must lie as it has them.
  private Tensor arranged(Tensor weight, String name, Device device) {
    ConstantSpec spec = spec(name);
    return Torch.emptyStrided(array(spec.shape()), array(spec.strides()), spec.dtype())
        .copy_(weight)
        .to(device);
  }

  private ConstantSpec spec(String name) {
    ConstantSpec spec = specs.get(name);
    if (spec == null) {
      throw new TorchException(
          "the package does not say what shape weight '%s' of model '%s' has, so it cannot be replaced"
              .formatted(name, model));
    }
    return spec;
  }

  private static long[] array(Collection<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private void check(Map<String, Tensor> weights, boolean all) {
    List<String> missing = new ArrayList<>(names);
    missing.removeAll(weights.keySet());
    List<String> unexpected = new ArrayList<>(weights.keySet());
    unexpected.removeAll(names);
    List<String> problems = new ArrayList<>();
    if (all && !missing.isEmpty()) problems.add("Missing key(s): " + quoted(missing) + ".");
    if (!unexpected.isEmpty()) {
      problems.add(
          "Unexpected key(s): %s. A package lacks the weights that the model does not use, and, unless it was compiled with always_keep_tensor_constants, those of up to 8 elements."
              .formatted(quoted(unexpected)));
    }
    weights.forEach((name, weight) -> {
      if (names.contains(name)) check(name, weight, spec(name), problems);
    });
    if (!problems.isEmpty()) {
      throw new TorchException(
          "Error(s) in loading constants of model '%s':\n\t%s"
              .formatted(model, String.join("\n\t", problems)));
    }
  }

  private static void check(String name, Tensor weight, ConstantSpec spec, List<String> problems) {
    if (!Arrays.equals(weight.shape(), array(spec.shape()))) {
      problems.add(
          "size mismatch for %s: copying a tensor with shape %s, the shape in the package is %s."
              .formatted(
                  name, PythonText.size(weight.shape()), PythonText.size(array(spec.shape()))));
    }
    if (weight.dtype() != spec.dtype()) {
      problems.add(
          "dtype mismatch for %s: copying a tensor of %s, the dtype in the package is %s."
              .formatted(name, weight.dtype().torchName(), spec.dtype().torchName()));
    }
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
  }
}
