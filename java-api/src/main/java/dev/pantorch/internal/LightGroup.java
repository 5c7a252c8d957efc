package dev.pantorch.internal;

/// Tensors of a few bytes that a thread made one after the other. They share one phantom reference,
/// to the group, which each of them holds: one reference costs the garbage collector as much as the
/// smallest operators themselves. So each is freed when all of them are unreachable, which is why a
/// tensor that becomes more than a result that is soon forgotten leaves its group: one that is
/// kept, and one that may come to hold a graph, since what the graph keeps might be of the same
/// group.
final class LightGroup implements HandleHolder {
  static final int CAPACITY = 16;

  final Handles entry = new Handles(this);

  /// The handles of a group, 0 for one that was freed otherwise or that left.
  static final class Handles extends Entry {
    private final long[] handles = new long[CAPACITY];
    private int count;

    private Handles(LightGroup referent) {
      super(referent);
    }

    @Override
    int size() {
      int size = 0;
      for (long handle : handles) if (handle != 0) size++;
      return size;
    }

    @Override
    boolean isSpent() {
      return count == CAPACITY && size() == 0;
    }

    @Override
    void drainTo(HandleList dead) {
      for (int i = 0; i < CAPACITY; i++) {
        if (handles[i] != 0) dead.add(handles[i]);
        handles[i] = 0;
      }
    }
  }

  /// Takes a tensor in.
  ///
  /// @return whether there is room for another one
  boolean add(NativeTensor tensor) {
    int slot = entry.count++;
    entry.handles[slot] = tensor.handle;
    tensor.slot = slot;
    tensor.owner = this;
    return slot + 1 < CAPACITY;
  }

  @Override
  public long take(NativeTensor tensor) {
    long taken = entry.handles[tensor.slot];
    entry.handles[tensor.slot] = 0;
    return taken;
  }
}
