package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.CpuMemory;
import dev.pantorch.LeakDetection;
import dev.pantorch.OutOfMemoryException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The nets below scopes: reachability and pressure.
class ReachabilityTest {
  private static final int MEGABYTE_OF_FLOATS = 1 << 18;

  @Test
  void should_free_tensors_that_became_unreachable() {
    long before = LeakDetection.liveHandles();
    for (int i = 0; i < 1000; i++) Torch.ones(1);
    LeakDetection.collect();
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_not_free_a_tensor_that_is_reachable() {
    List<Tensor> reachable = new ArrayList<>();
    for (int i = 0; i < 300; i++) reachable.add(Torch.full(new long[] {1}, i));
    for (int i = 0; i < 4; i++) LeakDetection.collect();
    for (int i = 0; i < 300; i++) assertThat(reachable.get(i).item()).isEqualTo(i);
  }

  @Test
  void should_stay_flat_when_nothing_is_ever_closed() {
    checkFlat();
  }

  private static void checkFlat() {
    // What earlier tests left is not to be collected meanwhile.
    LeakDetection.collect();
    long peak = 0;
    long before = CpuMemory.memoryAllocated();
    for (int i = 0; i < 2000; i++) {
      Torch.empty(MEGABYTE_OF_FLOATS);
      peak = Math.max(peak, CpuMemory.memoryAllocated() - before);
    }
    // 2,000 MiB were made; the allowance is 32 MiB, and a collection may lag some tensors behind.
    assertThat(peak).isLessThan(200L << 20);
  }

  /// The count of a thread's own tensors must not be misled by those it frees for others: 500,000
  /// would let 250 MB more pass before a collection.
  @Test
  void should_stay_flat_in_a_thread_that_closes_the_tensors_of_others() throws Exception {
    List<Tensor> theirs = new ArrayList<>();
    Thread maker =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 500_000; i++) theirs.add(Torch.empty(1));
            });
    maker.join();
    theirs.forEach(Tensor::close);
    theirs.clear();
    checkFlat();
  }

  @Test
  void should_collect_and_retry_when_memory_runs_out() {
    CpuMemory.setLimit(CpuMemory.memoryAllocated() + (24L << 20));
    try {
      for (int i = 0; i < 200; i++) Torch.empty(MEGABYTE_OF_FLOATS);
    } finally {
      CpuMemory.setLimit(-1);
    }
  }

  @Test
  void should_report_memory_that_cannot_be_had() {
    CpuMemory.setLimit(CpuMemory.memoryAllocated() + (8L << 20));
    try {
      assertThatThrownBy(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS))
          .isExactlyInstanceOf(OutOfMemoryException.class)
          .hasMessageStartingWith("aten::empty.memory_format: ");
    } finally {
      CpuMemory.setLimit(-1);
    }
    assertThatThrownBy(() -> Torch.empty(1L << 50)).isExactlyInstanceOf(OutOfMemoryException.class);
  }
}
