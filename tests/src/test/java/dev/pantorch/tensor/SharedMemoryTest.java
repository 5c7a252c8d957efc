package dev.pantorch.tensor;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorArena;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Memory that Java and libtorch share: `Torch.fromMemory`, `TensorArena`, `Tensor.data`.
class SharedMemoryTest {
  private static final String MAY_BE_CLOSED =
      "memory of an arena that can be closed cannot be shared with a tensor, which might outlive"
          + " it; allocate it in TensorArena.open(), Arena.ofAuto() or Arena.global(), or copy it"
          + " with Torch.tensor(segment, dtype, shape)";

  // Java's memory as a tensor.

  @Test
  void should_share_memory_both_ways() {
    try (TensorArena arena = TensorArena.open();
        TensorScope scope = TensorScope.open()) {
      MemorySegment memory = arena.allocate(JAVA_FLOAT, 6);
      Tensor x = Torch.fromMemory(memory, DType.FLOAT32, 2, 3);

      memory.setAtIndex(JAVA_FLOAT, 4, 5f);
      assertThat(x.get(1, 1).item()).isEqualTo(5);
      x.add_(1);
      assertThat(memory.getAtIndex(JAVA_FLOAT, 4)).isEqualTo(6);
      assertThat(memory.getAtIndex(JAVA_FLOAT, 0)).isEqualTo(1);
    }
  }

  @Test
  void should_refuse_to_close_an_arena_that_tensors_use() {
    TensorArena arena = TensorArena.open();
    Tensor x = Torch.fromMemory(arena.allocate(16, 4), DType.FLOAT32);
    Tensor view = x.get(0);
    x.close();

    assertThatThrownBy(arena::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "cannot close the arena: 1 tensor uses its memory; close the tensors and their views,"
                + " or the scope that owns them, before the arena");
    assertThat(view.item()).isZero();
    view.close();
    arena.close();
    assertThat(arena.scope().isAlive()).isFalse();
  }

  @Test
  void should_count_the_graph_as_a_user_of_the_memory() {
    TensorArena arena = TensorArena.open();
    Tensor weight = Torch.tensor(TensorOptions.defaults().requiresGrad(true), 1f, 1f);
    Tensor x = Torch.fromMemory(arena.allocate(8, 4), DType.FLOAT32);
    Tensor product = weight.mul(x); // keeps x for the backward pass
    x.close();

    assertThatThrownBy(arena::close).isInstanceOf(IllegalStateException.class);
    product.sum().backward();
    product.close();
    arena.close();
  }

  @Test
  void should_close_an_arena_whose_tensors_are_unreachable() {
    TensorArena arena = TensorArena.open();
    for (int i = 0; i < 3; i++) Torch.fromMemory(arena.allocate(16, 4), DType.FLOAT32);

    arena.close();
    assertThatThrownBy(() -> arena.allocate(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(arena::close).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void should_wait_for_tensors_that_another_thread_is_about_to_free() {
    for (int round = 0; round < 40; round++) {
      TensorArena arena = TensorArena.open();
      MemorySegment memory = arena.allocate(16, 4);
      // Its reaper sweeps 20 ms later: at about the time of the close, which then finds nothing.
      System.gc();
      long end = System.nanoTime() + (10 + round % 20) * 1_000_000L;
      while (System.nanoTime() < end) Torch.fromMemory(memory, DType.FLOAT32);
      arena.close();
    }
  }

  @Test
  void should_survive_a_close_while_other_threads_lend_and_use_the_memory() throws Exception {
    TensorArena arena = TensorArena.open();
    MemorySegment memory = arena.allocate(JAVA_FLOAT, 1024);
    AtomicInteger used = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = 0; i < 1000; i++) {
            try (Tensor x = Torch.fromMemory(memory, DType.FLOAT32);
                Tensor sum = x.sum()) {
              if (sum.item() == 0) used.incrementAndGet();
            } catch (IllegalStateException e) {
              return; // the arena is closed
            }
          }
        };
    List<Thread> threads =
        Stream.generate(() -> Thread.ofPlatform().start(worker)).limit(3).toList();
    while (used.get() < 100) Thread.onSpinWait();
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageStartingWith("cannot close the arena: ");
      }
    }
    for (Thread thread : threads) thread.join();
    assertThat(used.get()).isGreaterThanOrEqualTo(100);
  }

  @Test
  void should_keep_automatic_memory_and_direct_buffers_alive() {
    Tensor x = Torch.fromMemory(automatic(), DType.FLOAT32);
    ByteBuffer direct = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    direct.asFloatBuffer().put(3, 7f);
    Tensor y = Torch.fromMemory(MemorySegment.ofBuffer(direct), DType.FLOAT32, 2, 2);
    LeakDetection.collect();

    assertThat(x.toFloatArray()).containsExactly(1, 2, 3, 4);
    assertThat(y.toFloatArray()).containsExactly(0, 0, 0, 7);
    Tensor z = Torch.fromMemory(Arena.global().allocate(8, 8), DType.INT64, 1);
    assertThat(z.itemLong()).isZero();
  }

  private static MemorySegment automatic() {
    return Arena.ofAuto().allocateFrom(JAVA_FLOAT, 1, 2, 3, 4);
  }

  @Test
  void should_refuse_memory_that_could_go_away_under_the_tensor() {
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      assertThatThrownBy(() -> Torch.fromMemory(confined.allocate(4, 4), DType.FLOAT32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(MAY_BE_CLOSED);
      assertThatThrownBy(() -> Torch.fromMemory(shared.allocate(4, 4), DType.FLOAT32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(MAY_BE_CLOSED);
      MemorySegment behindBuffer = MemorySegment.ofBuffer(shared.allocate(4, 4).asByteBuffer());
      assertThatThrownBy(() -> Torch.fromMemory(behindBuffer, DType.FLOAT32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(MAY_BE_CLOSED);
    }
    TensorArena closed = TensorArena.open();
    MemorySegment gone = closed.allocate(4, 4);
    closed.close();
    assertThatThrownBy(() -> Torch.fromMemory(gone, DType.FLOAT32))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the memory cannot become a tensor: its arena is closed");
  }

  @Test
  void should_refuse_memory_that_no_tensor_can_use() {
    assertThatThrownBy(() -> Torch.fromMemory(MemorySegment.ofArray(new float[2]), DType.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "an array on the Java heap cannot be shared with a tensor, since the garbage collector"
                + " moves it; copy it with Torch.tensor(...)");
    MemorySegment memory = Arena.ofAuto().allocate(16, 16);
    assertThatThrownBy(() -> Torch.fromMemory(memory.asReadOnly(), DType.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "read-only memory cannot be shared with a tensor, which can be written; copy it with"
                + " Torch.tensor(segment, dtype, shape)");
    assertThatThrownBy(() -> Torch.fromMemory(memory.asSlice(4, 8), DType.INT64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "memory at address 0x%x is not aligned for torch.int64, which needs a multiple of 8;"
                + " allocate it with that alignment, or copy it with Torch.tensor(segment, dtype,"
                + " shape)",
            memory.address() + 4);
    assertThat(Torch.fromMemory(memory.asSlice(4, 8), DType.COMPLEX64).numel()).isEqualTo(1);
  }

  @Test
  void should_reach_beyond_two_gibibytes(@TempDir Path folder) throws IOException {
    long size = (1L << 31) + 8;
    // A sparse file: its pages exist only where they are touched.
    Path file = folder.resolve("large");
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        TensorScope scope = TensorScope.open()) {
      MemorySegment memory = channel.map(MapMode.READ_WRITE, 0, size, Arena.ofAuto());
      memory.set(ValueLayout.JAVA_BYTE, size - 1, (byte) 42);
      Tensor x = Torch.fromMemory(memory, DType.UINT8);

      assertThat(x.numel()).isEqualTo(size);
      assertThat(x.get(-1).itemLong()).isEqualTo(42);
      assertThat(x.get("-2:").toByteArray()).containsExactly(0, 42);
      assertThat(x.data(Arena.ofAuto()).get(ValueLayout.JAVA_BYTE, size - 1)).isEqualTo((byte) 42);
      assertThatThrownBy(x::toByteArray)
          .hasMessage(
              "toByteArray: 2147483656 elements are more than an array can hold; use"
                  + " copyTo(MemorySegment) or data(arena)");
    }
  }

  // A tensor's memory in Java.

  @Test
  void should_show_a_tensors_memory_without_a_copy() {
    try (Arena arena = Arena.ofConfined();
        TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new float[] {1, 2, 3, 4}, 2, 2);
      MemorySegment row = x.get(1).data(arena);

      assertThat(row.byteSize()).isEqualTo(8);
      row.setAtIndex(JAVA_FLOAT, 0, 30f);
      assertThat(x.toFloatArray()).containsExactly(1, 2, 30, 4);
      ByteBuffer buffer = x.data(arena).asByteBuffer().order(ByteOrder.nativeOrder());
      assertThat(buffer.asFloatBuffer().get(2)).isEqualTo(30);
      assertThat(Torch.zeros(0, 3).data(arena).byteSize()).isZero();
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // closed halfway, to see what happens then
  void should_keep_the_memory_until_the_arena_closes() {
    Arena arena = Arena.ofShared();
    Tensor x = Torch.tensor(1f, 2f);
    MemorySegment memory = x.data(arena);
    x.close();

    assertThat(memory.getAtIndex(JAVA_FLOAT, 1)).isEqualTo(2);
    arena.close();
    assertThatThrownBy(() -> memory.getAtIndex(JAVA_FLOAT, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Already closed");
    assertThatThrownBy(() -> Torch.tensor(1f).data(arena))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Already closed");
  }

  @Test
  void should_refuse_memory_that_does_not_hold_the_elements_in_order() {
    Arena arena = Arena.ofAuto();
    assertThatThrownBy(() -> Torch.zeros(2, 3).t().data(arena))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "data: float32[3, 2] on cpu does not lie in memory in row-major order, without gaps and"
                + " as it is to be read; use contiguous(), resolveConj() or toDense() first");
    assertThatThrownBy(() -> Torch.zeros(DType.FLOAT32.requiresGrad(true), 2).data(arena))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "data: a tensor that requires gradients must not be changed past autograd; use"
                + " detach().data(arena)");
    assertThatThrownBy(() -> Torch.zeros(Device.META, 2).data(arena))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "data: the memory of float32[2] on meta is not the CPU's; copy it there first with"
                + " cpu()");
  }

  @Test
  void should_refuse_to_move_memory_that_is_shared() {
    Tensor x = Torch.tensor(1f, 2f, 3f);
    MemorySegment memory = x.data(Arena.ofAuto());

    // libtorch alone would change the sizes, fail, and leave a tensor that reads past its memory.
    assertThatThrownBy(() -> x.resize_(1000))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "aten::resize_: cannot resize a tensor of sizes [3] to [1000]: its memory is shared"
                + " with Java and cannot move; clone() it first [self: float32[3] on cpu]");
    assertThatThrownBy(() -> x.resizeAs_(Torch.zeros(4)))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("cannot resize a tensor of sizes [3] to [4]");
    assertThatThrownBy(() -> Torch.op("aten::resize_").call(x, List.of(1L << 40)))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("cannot resize a tensor of sizes [3] to [1099511627776]");
    x.resize_(2);
    memory.setAtIndex(JAVA_FLOAT, 1, 9f);
    assertThat(x.toFloatArray()).containsExactly(1, 9);
  }
}
