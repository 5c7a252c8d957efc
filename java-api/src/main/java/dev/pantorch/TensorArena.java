package dev.pantorch;

import dev.pantorch.internal.Sharing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// An arena whose memory can be shared with tensors: it cannot be closed while one uses it.
///
/// ```java
/// try (var arena = TensorArena.open(); var scope = TensorScope.open()) {
///   MemorySegment samples = arena.allocate(ValueLayout.JAVA_FLOAT, 32 * 5);
///   Tensor x = Torch.fromMemory(samples, DType.FLOAT32, 32, 5); // no copy
/// } // the scope frees the tensor, then the arena frees the memory
/// ```
///
/// libtorch cannot keep a Java arena open, so memory of an arena from {@link Arena#ofConfined} or
/// {@link Arena#ofShared} could be freed under a tensor; {@link Torch#fromMemory} refuses it. Three
/// kinds of memory are safe:
///
/// | memory of              | freed                                                            |
/// |------------------------|------------------------------------------------------------------|
/// | {@link Arena#global}   | never                                                            |
/// | {@link Arena#ofAuto}, direct buffers | after the last tensor over it, and the last segment, are gone |
/// | `TensorArena`          | by {@link #close}, which refuses while a tensor uses it          |
///
/// Any thread may use and close the arena.
public final class TensorArena implements Arena {
  private final Sharing.LendingArena lending = new Sharing.LendingArena();

  private TensorArena() {}

  /// Opens an arena.
  ///
  /// @return the arena, to be closed
  public static TensorArena open() {
    return new TensorArena();
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    return lending.memory().allocate(byteSize, byteAlignment);
  }

  @Override
  public MemorySegment.Scope scope() {
    return lending.memory().scope();
  }

  /// Frees the memory. Tensors that are unreachable by now do not count as using it.
  ///
  /// @throws IllegalStateException if a tensor, a view or a graph uses memory of the arena, or if
  ///   it is closed already
  @Override
  public void close() {
    lending.close();
  }
}
