package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads state dicts, of Python's too, and prints optimizers as Python does.
final class OptimizerState {
  private OptimizerState() {}

  static void load(
      Optimizer<?> optimizer,
      IdentityHashMap<Tensor, SequencedMap<String, @Nullable Object>> state,
      Map<String, ?> stateDict) {
    List<Map<?, ?>> saved = groups(stateDict.get("param_groups"));
    List<? extends ParamGroup<?>> groups = optimizer.paramGroups();
    if (saved.size() != groups.size()) {
      throw new ValueException(
          "loaded state dict has a different number of parameter groups: %d instead of %d"
              .formatted(saved.size(), groups.size()));
    }
    Map<Integer, Tensor> parameters = new LinkedHashMap<>();
    Set<Integer> onDevice = new HashSet<>();
    for (int i = 0; i < groups.size(); i++) {
      List<Integer> numbers = numbers(saved.get(i).get("params"));
      List<Tensor> params = groups.get(i).params();
      if (numbers.size() != params.size()) {
        throw new ValueException(
            "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: %d parameters instead of %d in group %d"
                .formatted(numbers.size(), params.size(), i));
      }
      for (int j = 0; j < numbers.size(); j++) parameters.put(numbers.get(j), params.get(j));
      if (truth(saved.get(i).get("fused")) || truth(saved.get(i).get("capturable"))) {
        onDevice.addAll(numbers);
      }
    }

    IdentityHashMap<Tensor, SequencedMap<String, @Nullable Object>> loaded =
        new IdentityHashMap<>();
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
            Copier copier =
                new Copier(parameter, optimizer.scalars(), onDevice.contains(integer(number)));
            loaded.put(parameter, copier.copies(map(own, "state of a parameter")));
          });
    }
    state.clear();
    state.putAll(loaded);
    for (int i = 0; i < groups.size(); i++) {
      ParamGroup<?> group = groups.get(i);
      saved
          .get(i)
          .forEach((name, value) -> {
            if (!name.equals("params")) group.set((String) name, owned(value));
          });
    }
  }

  private static boolean truth(@Nullable Object value) {
    return Boolean.TRUE.equals(value);
  }

  /// An option as it may stay: a rate that is a tensor becomes the group's own.
  private static @Nullable Object owned(@Nullable Object value) {
    return value instanceof Tensor tensor ? tensor.detach().clone(null).keep() : value;
  }

  /// Copies the state of one parameter.
  ///
  /// @param scalars the entries that are one number in a tensor
  /// @param stepOnDevice whether a kernel reads the step where the parameter is
  private record Copier(Tensor parameter, Set<String> scalars, boolean stepOnDevice) {
    SequencedMap<String, @Nullable Object> copies(Map<?, ?> own) {
      SequencedMap<String, @Nullable Object> copies = new LinkedHashMap<>();
      own.forEach((name, value) -> {
        // Python writes None where there is no momentum yet.
        if (value != null) copies.put((String) name, copy((String) name, value));
      });
      return copies;
    }

    private @Nullable Object copy(String name, @Nullable Object value) {
      return switch (value) {
        case Tensor tensor -> tensor.detach().to(target(name, tensor), false, true, null).keep();
        // Python wrote steps as numbers once.
        case Number number when scalars.contains(name) ->
            Torch.tensor(Options.scalarDtype(), number.doubleValue()).keep();
        case List<?> list -> {
          List<@Nullable Object> copies = new ArrayList<>();
          for (Object element : list) copies.add(copy("", element));
          yield copies;
        }
        case Number number -> number;
        case Boolean flag -> flag;
        case String text -> text;
        case null -> null;
        default ->
            throw new ValueException(
                "loaded state dict has a %s as '%s'; expected a tensor, a number, a text or a list of them"
                    .formatted(value.getClass().getName(), name));
      };
    }

    private TensorOptions target(String name, Tensor tensor) {
      if (name.equals("step")) {
        // It is read on the CPU, except by fused kernels.
        return stepOnDevice
            ? DType.FLOAT32.on(parameter.device())
            : tensor.dtype().on(tensor.device());
      }
      // Python casts all other numbers to the parameter's dtype, after which its double parameters
      // go on otherwise than without the interruption.
      boolean asParameter = !scalars.contains(name) && parameter.dtype().isFloatingPoint();
      return (asParameter ? parameter.dtype() : tensor.dtype()).on(parameter.device());
    }
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
      case Number number -> PythonText.scalar(number);
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          list.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", ", "[", "]"));
      case List<?> list ->
          list.stream().map(OptimizerState::python).collect(Collectors.joining(", ", "(", ")"));
      case Tensor tensor when tensor.dim() == 0 -> PythonText.number(tensor.item());
      default -> value.toString();
    };
  }
}
