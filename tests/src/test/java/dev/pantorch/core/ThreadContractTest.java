package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadContractTest {
  private static ExecutorService threads(boolean virtual) {
    return virtual ? Executors.newVirtualThreadPerTaskExecutor() : Executors.newFixedThreadPool(16);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void should_share_a_tensor_between_many_threads(boolean virtual) throws Exception {
    try (Tensor weight = Torch.full(new long[] {8, 8}, 0.5);
        ExecutorService executor = threads(virtual)) {
      List<Future<Double>> sums = new ArrayList<>();
      for (int t = 0; t < 32; t++) {
        sums.add(
            executor.submit(() -> {
              double last = 0;
              for (int i = 0; i < 200; i++) {
                last = TensorScope.scope(() -> weight.matmul(weight).sum().item());
              }
              return last;
            }));
      }
      // Every element of the product is 8 * 0.25.
      for (Future<Double> sum : sums) assertThat(sum.get()).isEqualTo(64 * 2.0);
    }
  }

  /// Each round one thread closes a tensor that others are using: they get the right number or a
  /// clear exception, never a crash.
  @Test
  void should_survive_a_close_during_use() throws Exception {
    int users = 4;
    int closedSeen = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(users)) {
      for (int round = 0; round < 300; round++) {
        Tensor tensor = Torch.full(new long[] {64, 64}, 1.0);
        CountDownLatch started = new CountDownLatch(users);
        List<Future<Boolean>> outcomes = new ArrayList<>();
        for (int u = 0; u < users; u++) {
          outcomes.add(
              executor.submit(() -> {
                started.countDown();
                try (var scope = TensorScope.open()) {
                  for (int i = 0; i < 50; i++) {
                    assertThat(tensor.sum().item()).isEqualTo(64 * 64.0);
                  }
                  return false;
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessageContaining("is closed");
                  return true;
                }
              }));
        }
        started.await();
        tensor.close();
        for (Future<Boolean> outcome : outcomes) {
          if (outcome.get()) closedSeen++;
        }
      }
    }
    assertThat(closedSeen).isPositive();
  }

  @Test
  void should_run_backward_of_several_threads_into_one_leaf() throws Exception {
    int tasks = 8;
    int passes = 50;
    try (Tensor leaf = Torch.ones(16).requiresGrad_();
        ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < tasks; t++) {
        done.add(
            executor.submit(() -> {
              for (int i = 0; i < passes; i++) {
                TensorScope.scope((Runnable) () -> leaf.mul(3).sum().backward());
              }
            }));
      }
      for (Future<?> each : done) each.get();
      TensorScope.scope(
          (Runnable)
              () -> assertThat(leaf.grad().sum().item()).isEqualTo(16.0 * 3 * tasks * passes));
    }
  }
}
