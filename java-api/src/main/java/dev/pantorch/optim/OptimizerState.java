package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads state dicts, of Python's too, and prints optimizers as Python does.
final class OptimizerState {
  private OptimizerState() {}

  static void load(
      Optimizer<?> optimizer,
      IdentityHashMap<Tensor, SequencedMap<String, Tensor>> state,
      Map<String, ?> stateDict) {
    List<Map<?, ?>> saved = groups(stateDict.get("param_groups"));
    List<? extends ParamGroup<?>> groups = optimizer.paramGroups();
    if (saved.size() != groups.size()) {
      throw new ValueException(
          "loaded state dict has a different number of parameter groups: %d instead of %d"
              .formatted(saved.size(), groups.size()));
    }
    Map<Integer, Tensor> parameters = new LinkedHashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      List<Integer> numbers = numbers(saved.get(i).get("params"));
      List<Tensor> params = groups.get(i).params();
      if (numbers.size() != params.size()) {
        throw new ValueException(
            "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: %d parameters instead of %d in group %d"
                .formatted(numbers.size(), params.size(), i));
      }
      for (int j = 0; j < numbers.size(); j++) parameters.put(numbers.get(j), params.get(j));
    }

    IdentityHashMap<Tensor, SequencedMap<String, Tensor>> loaded = new IdentityHashMap<>();
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      map(stateDict.get("state"), "state")
          .forEach((number, own) -> {
            Tensor parameter = parameters.get(integer(number));
            if (parameter == null) {
              throw new ValueException(
                  "loaded state dict has state for parameter %s, which is in no group"
                      .formatted(number));
            }
            loaded.put(parameter, copies(parameter, map(own, "state of a parameter")));
          });
    }
    state.clear();
    state.putAll(loaded);
    for (int i = 0; i < groups.size(); i++) {
      ParamGroup<?> group = groups.get(i);
      saved
          .get(i)
          .forEach((name, value) -> {
            if (!name.equals("params")) group.set((String) name, value);
          });
    }
  }

  private static SequencedMap<String, Tensor> copies(Tensor parameter, Map<?, ?> own) {
    SequencedMap<String, Tensor> copies = new LinkedHashMap<>();
    own.forEach((name, value) -> {
      Tensor copy = copy(parameter, (String) name, value);
      if (copy != null) copies.put((String) name, copy.keep());
    });
    return copies;
  }

  private static @Nullable Tensor copy(Tensor parameter, String name, @Nullable Object value) {
    // Python writes None where there is no momentum yet, and wrote steps as numbers once.
    if (value == null) return null;
    if (value instanceof Number number) {
      return Torch.tensor(DType.FLOAT32, number.doubleValue());
    }
    if (!(value instanceof Tensor tensor)) {
      throw new ValueException(
          "loaded state dict has a %s as '%s'; expected a tensor or a number"
              .formatted(value.getClass().getName(), name));
    }
    // The step stays what and where it is: it is read on the CPU, except by fused kernels.
    TensorOptions target =
        name.equals("step")
            ? tensor.dtype().on(tensor.device())
            : (parameter.dtype().isFloatingPoint() ? parameter.dtype() : tensor.dtype())
                .on(parameter.device());
    return tensor.detach().to(target, false, true, null);
  }

  private static List<Map<?, ?>> groups(@Nullable Object value) {
    List<Map<?, ?>> groups = new ArrayList<>();
    for (Object group : list(value, "param_groups")) groups.add(map(group, "a parameter group"));
    return groups;
  }

  private static List<Integer> numbers(@Nullable Object value) {
    return list(value, "params").stream().map(OptimizerState::integer).toList();
  }

  private static int integer(@Nullable Object value) {
    return switch (value) {
      case Number number -> number.intValue();
      case String text when text.matches("[0-9]{1,9}") -> Integer.parseInt(text);
      case null, default ->
          throw new ValueException(
              "loaded state dict has %s where the number of a parameter is expected"
                  .formatted(value));
    };
  }

  private static List<?> list(@Nullable Object value, String what) {
    if (value instanceof List<?> list) return list;
    throw new ValueException("loaded state dict has no list as " + what);
  }

  private static Map<?, ?> map(@Nullable Object value, String what) {
    if (value instanceof Map<?, ?> map) return map;
    throw new ValueException("loaded state dict has no map as " + what);
  }

  static String print(String name, List<? extends ParamGroup<?>> groups) {
    StringBuilder text = new StringBuilder(name).append(" (");
    for (int i = 0; i < groups.size(); i++) {
      text.append("\nParameter Group ").append(i).append('\n');
      new TreeMap<>(groups.get(i).options())
          .forEach((option, value) ->
              text.append("    ").append(option).append(": ").append(python(value)).append('\n'));
    }
    return text.append(')').toString();
  }

  private static String python(@Nullable Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean flag -> PythonText.bool(flag);
      case Double number -> PythonText.number(number);
      case List<?> list ->
          list.stream().map(OptimizerState::python).collect(Collectors.joining(", ", "(", ")"));
      default -> value.toString();
    };
  }
}
