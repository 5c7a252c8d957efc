package dev.pantorch.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/// Members whose names are their positions.
final class Positions {
  private Positions() {}

  /// A position counted from the front.
  static int check(int index, int size) {
    if (index < -size || index >= size) {
      throw new IndexOutOfBoundsException("index %d is out of range".formatted(index));
    }
    return index < 0 ? index + size : index;
  }

  static <T> void insert(SequencedMap<String, T> members, int index, T member) {
    int size = members.size();
    if (index < -size || index > size) {
      throw new IndexOutOfBoundsException("Index out of range: " + index);
    }
    List<T> all = new ArrayList<>(members.values());
    all.add(index < 0 ? index + size : index, member);
    name(members, all);
  }

  static <T> void remove(SequencedMap<String, T> members, int index) {
    List<T> all = new ArrayList<>(members.values());
    all.remove(check(index, all.size()));
    name(members, all);
  }

  private static <T> void name(SequencedMap<String, T> members, List<T> all) {
    members.clear();
    for (int i = 0; i < all.size(); i++) members.put(Integer.toString(i), all.get(i));
  }
}
