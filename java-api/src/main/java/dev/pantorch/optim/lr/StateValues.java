package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
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

  static boolean flag(Map<String, ? extends @Nullable Object> state, String name) {
    if (state.get(name) instanceof Boolean flag) return flag;
    throw new ValueException(
        "scheduler state has %s as '%s'; expected a boolean".formatted(state.get(name), name));
  }

  /// A text that must be one of a few.
  static String word(
      Map<String, ? extends @Nullable Object> state, String name, List<String> words) {
    if (state.get(name) instanceof String word && words.contains(word)) return word;
    throw new ValueException(
        "scheduler state has %s as '%s'; expected one of %s"
            .formatted(state.get(name), name, words));
  }

  static List<Map<String, ? extends @Nullable Object>> maps(
      Map<String, ? extends @Nullable Object> state, String name) {
    List<Map<String, ? extends @Nullable Object>> maps = new ArrayList<>();
    if (state.get(name) instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Map<?, ?> map) {
          Map<String, @Nullable Object> entries = new LinkedHashMap<>();
          map.forEach((key, value) -> entries.put(String.valueOf(key), value));
          maps.add(entries);
        }
      }
      if (maps.size() == list.size()) return maps;
    }
    throw new ValueException(
        "scheduler state has %s as '%s'; expected a list of maps".formatted(state.get(name), name));
  }

  /// Whole numbers by whole numbers, which formats like JSON have as texts.
  static SequencedMap<Integer, Integer> counts(
      Map<String, ? extends @Nullable Object> state, String name) {
    SequencedMap<Integer, Integer> counts = new LinkedHashMap<>();
    if (state.get(name) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        if (value instanceof Number times && String.valueOf(key).matches("-?[0-9]{1,9}")) {
          counts.put(Integer.valueOf(String.valueOf(key)), times.intValue());
        }
      });
      if (counts.size() == map.size()) return counts;
    }
    throw new ValueException(
        "scheduler state has %s as '%s'; expected a map of whole numbers"
            .formatted(state.get(name), name));
  }
}
