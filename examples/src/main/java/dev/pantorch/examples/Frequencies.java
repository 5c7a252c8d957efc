package dev.pantorch.examples;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How often things occur.
final class Frequencies<T extends Comparable<T>> {
  private final Map<T, Integer> counts = new TreeMap<>();

  void add(T thing) {
    counts.merge(thing, 1, Integer::sum);
  }

  /// The things that occur so often at least; of equally frequent ones the smaller first.
  List<T> mostFrequentFirst(int minCount) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= minCount)
        .sorted(Comparator.comparingInt((Map.Entry<T, Integer> entry) -> -entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
