package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads numbers from state dicts, whatever types their source gave them.
final class StateValues {
  private StateValues() {}

  static double number(Map<String, ? extends @Nullable Object> state, String name) {
    if (state.get(name) instanceof Number number) return number.doubleValue();
    throw new ValueException(
        "scheduler state has %s as '%s'; expected a number".formatted(state.get(name), name));
  }

  static List<Double> numbers(Map<String, ? extends @Nullable Object> state, String name) {
    List<Double> numbers = new ArrayList<>();
    if (state.get(name) instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Number number) numbers.add(number.doubleValue());
      }
      if (numbers.size() == list.size()) return List.copyOf(numbers);
    }
    throw new ValueException(
        "scheduler state has %s as '%s'; expected a list of numbers"
            .formatted(state.get(name), name));
  }
}
