package dev.pantorch.internal;

import java.util.ArrayList;
import java.util.List;

/// Entries in small chunks. A chunk is as young as the entries in it, so that storing one costs the
/// collector nothing; a single large array would soon be an old object, and each store into it a
/// write barrier's slow path.
final class EntryList {
  private static final int CHUNK = 512;

  private final List<Entry[]> full = new ArrayList<>();
  private Entry[] current = new Entry[CHUNK];
  private int used;
  private int groups;
  private int tensors;

  /// Adds the entry in place of those before it that are of no use any more: the collector is to
  /// see nothing of tensors that are closed at once.
  void add(Entry entry) {
    while (used > 0 && current[used - 1].isSpent()) {
      if (current[--used] instanceof LightGroup.Handles) groups--;
    }
    append(entry);
  }

  private void append(Entry entry) {
    if (entry instanceof LightGroup.Handles) groups++;
    if (used == CHUNK) {
      full.add(current);
      current = new Entry[CHUNK];
      used = 0;
    }
    current[used++] = entry;
  }

  int size() {
    return full.size() * CHUNK + used;
  }

  /// How many of the entries are of groups.
  int groups() {
    return groups;
  }

  /// How many tensors have survived into this list.
  int tensors() {
    return tensors;
  }

  /// Takes the entries of tensors that are gone out, their handles into `dead`, or `light` for
  /// those of groups; those of tensors that are there go to `survivors`. The list is empty
  /// afterwards.
  void drainTo(EntryList survivors, HandleList dead, HandleList light) {
    for (Entry[] chunk : full) drain(chunk, CHUNK, survivors, dead, light);
    drain(current, used, survivors, dead, light);
    full.clear();
    current = new Entry[CHUNK];
    used = 0;
    groups = 0;
    tensors = 0;
  }

  private static void drain(
      Entry[] chunk, int count, EntryList survivors, HandleList dead, HandleList light) {
    for (int i = 0; i < count; i++) {
      Entry entry = chunk[i];
      if (entry.refersTo(null)) {
        entry.drainTo(entry instanceof LightGroup.Handles ? light : dead);
      } else if (entry.size() > 0) {
        survivors.tensors += entry.size();
        survivors.append(entry);
      }
    }
  }
}
