package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeakDetectionTest {
  @AfterEach
  void restoreLevel() {
    LeakDetection.setLevel(LeakDetection.Level.COUNT);
  }

  @Test
  void should_count_live_handles_at_level_count_only() {
    long before = LeakDetection.liveHandles();
    try (Tensor tensor = Torch.ones(1)) {
      assertThat(LeakDetection.liveHandles()).isEqualTo(before + 1);
      LeakDetection.setLevel(LeakDetection.Level.OFF);
      assertThat(LeakDetection.liveHandles()).isZero();
    }
    LeakDetection.setLevel(LeakDetection.Level.COUNT);
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_say_where_live_tensors_were_made_at_level_trace() {
    LeakDetection.setLevel(LeakDetection.Level.TRACE);
    try (Tensor tensor = Torch.ones(1)) {
      assertThat(LeakDetection.live())
          .hasSize(1)
          .first()
          .satisfies(live ->
              assertThat(live.site().getStackTrace())
                  .anyMatch(frame -> frame.getClassName().equals(getClass().getName())));
    }
    assertThat(LeakDetection.live()).isEmpty();
  }

  @Test
  void should_report_nothing_at_level_count() {
    try (Tensor tensor = Torch.ones(1)) {
      assertThat(LeakDetection.live()).isEmpty();
    }
  }

  @Test
  void should_fail_a_test_that_leaks() {
    Tensor[] held = new Tensor[2];
    assertThatThrownBy(() ->
            LeakCheckRun.of(() -> {
              held[0] = Torch.ones(1);
              held[1] = Torch.ones(1);
            }))
        .isExactlyInstanceOf(AssertionError.class)
        .hasMessage(
            "the test leaked 2 tensors: alive and reachable after it; run with"
                + " -Dpantorch.leaks=trace to see where from");
    held[0].close();
    held[1].close();
  }

  @Test
  void should_pass_a_test_whose_tensors_became_unreachable() {
    LeakCheckRun.of(() -> Torch.ones(1).add(1));
  }

  /// What a thread that is gone has made and others have freed is counted in one place or another,
  /// also while it moves there.
  @Test
  void should_count_right_while_threads_are_forgotten() throws InterruptedException {
    long before = LeakDetection.liveHandles();
    for (int round = 0; round < 5; round++) {
      List<Tensor> made = Collections.synchronizedList(new ArrayList<>());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        threads.add(Thread.ofPlatform().start(() -> made.add(Torch.ones(300))));
      }
      for (Thread thread : threads) thread.join();
      threads.clear();
      made.forEach(Tensor::close);
      LeakDetection.collect();
      for (int i = 0; i < 20_000; i++) assertThat(LeakDetection.liveHandles()).isEqualTo(before);
    }
  }
}
