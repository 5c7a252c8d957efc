package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantorch.CpuMemory;
import dev.pantorch.LeakDetection;
import dev.pantorch.OutOfMemoryException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an allocation beyond the limit does and says.
class OutOfMemoryTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final int MEGABYTE_OF_FLOATS = 1 << 18;

  private long limit;

  @BeforeEach
  void limit() {
    LeakDetection.collect();
    limit = CpuMemory.memoryAllocated() + 8 * MEBIBYTE;
    CpuMemory.setLimit(limit);
  }

  @AfterEach
  void restore() {
    CpuMemory.setLimit(-1);
    LeakDetection.setLevel(LeakDetection.Level.COUNT);
  }

  /// What the allocator says when 16 MiB are asked for.
  private String refusal() {
    return "aten::empty.memory_format: CPU allocator: can't allocate memory: you tried to allocate"
        + " 16777216 bytes. Live: %d bytes in %d allocations, peak %d bytes; reserved: %d bytes;"
            .formatted(
                CpuMemory.memoryAllocated(),
                CpuMemory.liveAllocations(),
                CpuMemory.maxMemoryAllocated(),
                CpuMemory.memoryReserved())
        + " limit: %d bytes".formatted(limit);
  }

  @Test
  void should_say_what_was_wanted_and_how_to_see_who_holds_the_memory() {
    Throwable thrown = catchThrowable(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS));
    assertThat(thrown)
        .isExactlyInstanceOf(OutOfMemoryException.class)
        .hasMessage(
            refusal()
                + "\nto list the largest live tensors and where they were made, run with"
                + " -Dpantorch.leaks=trace");
  }

  /// A line of the list.
  private String made(String tensor, String method, int line) {
    return "\n  %s (made at %s.%s(OutOfMemoryTest.java:%d))"
        .formatted(tensor, getClass().getName(), method, line);
  }

  private static int line() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
  }

  @Test
  void should_list_the_largest_live_tensors_and_where_they_were_made() throws Exception {
    LeakDetection.setLevel(LeakDetection.Level.TRACE);
    String method = "should_list_the_largest_live_tensors_and_where_they_were_made";
    try (TensorScope scope = TensorScope.open()) {
      int first = line() + 1;
      Tensor small = Torch.zeros(2, 3);
      Tensor large = Torch.empty(1024, 1024);
      Tensor view = large.view(-1);
      Tensor medium = large.narrow(0, 0, 512).add(1);
      Torch.empty(512).close();
      Torch.empty(MEGABYTE_OF_FLOATS).keep().close();
      Throwable thrown = catchThrowable(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS));
      assertThat(thrown)
          .isExactlyInstanceOf(OutOfMemoryException.class)
          .hasMessage(
              refusal()
                  + "\nlive tensors that were made since tracing began: 3, views not counted; the"
                  + " largest:"
                  + made("float32[1024, 1024] on cpu, 4194304 bytes", method, first + 1)
                  + made("float32[512, 1024] on cpu, 2097152 bytes", method, first + 3)
                  + made("float32[2, 3] on cpu, 24 bytes", method, first));
      assertThat(view.numel() + medium.numel() + small.numel()).isPositive();
    }
  }

  @Test
  void should_list_tensors_of_other_threads() throws Exception {
    LeakDetection.setLevel(LeakDetection.Level.TRACE);
    try (TensorScope scope = TensorScope.open();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Tensor confined = Torch.empty(MEGABYTE_OF_FLOATS);
      String message =
          executor
              .submit(
                  () -> catchThrowable(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS)).getMessage())
              .get();
      assertThat(message).contains("\n  float32[262144] on cpu, 1048576 bytes (made at ");
      assertThat(confined.numel()).isEqualTo(MEGABYTE_OF_FLOATS);
    }
  }

  @Test
  void should_list_ten_of_many() {
    LeakDetection.setLevel(LeakDetection.Level.TRACE);
    try (TensorScope scope = TensorScope.open()) {
      for (int i = 1; i <= 30; i++) Torch.empty(i);
      String message = catchThrowable(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS)).getMessage();
      // After the refusal and the heading: the 30 elements of the largest, down to 21.
      assertThat(message.lines().skip(1).toList())
          .hasSize(11)
          .satisfies(lines -> assertThat(lines.getFirst()).contains("began: 30, views"))
          .satisfies(lines -> assertThat(lines.get(1)).contains("float32[30] on cpu, 120 bytes"))
          .satisfies(lines -> assertThat(lines.get(10)).contains("float32[21] on cpu, 84 bytes"));
    }
  }

  @Test
  void should_list_nothing_where_nothing_is_traced() {
    LeakDetection.setLevel(LeakDetection.Level.TRACE);
    assertThat(catchThrowable(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS)))
        .hasMessage(
            refusal() + "\nlive tensors that were made since tracing began: 0, views not counted");
  }

  @Test
  void should_collect_what_is_unreachable_before_it_gives_up() {
    long collections = CpuMemory.collections();
    for (int i = 0; i < 32; i++) Torch.empty(MEGABYTE_OF_FLOATS);
    assertThat(CpuMemory.collections()).isGreaterThan(collections);
    // Neither a collection nor a retry leaves the limit behind.
    assertThat(CpuMemory.memoryAllocated()).isLessThanOrEqualTo(limit);
  }

  @Test
  void should_go_on_after_a_failure() {
    assertThat(catchThrowable(() -> Torch.empty(16L * MEGABYTE_OF_FLOATS))).isNotNull();
    try (Tensor fits = Torch.empty(4L * MEGABYTE_OF_FLOATS)) {
      assertThat(fits.numel()).isEqualTo(4L * MEGABYTE_OF_FLOATS);
    }
  }
}
