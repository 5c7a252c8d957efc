package dev.pantorch.internal;

import java.util.ArrayList;
import java.util.List;

/// Entries in small chunks. A chunk is as young as the entries in it, so that storing one costs the
/// collector nothing; a single large array would soon be an old object, and each store into it a
/// write barrier's slow path.
final class EntryList {
  private static final int CHUNK = 512;

  private final List<Ledger.Entry[]> full = new ArrayList<>();
  private Ledger.Entry[] current = new Ledger.Entry[CHUNK];
  private int used;

  void add(Ledger.Entry entry) {
    if (used == CHUNK) {
      full.add(current);
      current = new Ledger.Entry[CHUNK];
      used = 0;
    }
    current[used++] = entry;
  }

  int size() {
    return full.size() * CHUNK + used;
  }

  /// Takes the entries of tensors that are gone out, their handles into `dead`; those of tensors
  /// that are there go to `survivors`. The list is empty afterwards.
  void drainTo(EntryList survivors, HandleList dead) {
    for (Ledger.Entry[] chunk : full) drain(chunk, CHUNK, survivors, dead);
    drain(current, used, survivors, dead);
    full.clear();
    current = new Ledger.Entry[CHUNK];
    used = 0;
  }

  private static void drain(Ledger.Entry[] chunk, int count, EntryList survivors, HandleList dead) {
    for (int i = 0; i < count; i++) {
      Ledger.Entry entry = chunk[i];
      if (entry.handle == 0) continue;
      if (entry.refersTo(null)) {
        dead.add(entry.handle);
        entry.handle = 0;
      } else {
        survivors.add(entry);
      }
    }
  }
}
