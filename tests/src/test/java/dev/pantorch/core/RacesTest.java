package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.CpuMemory;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.Adam;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Threads that get in each other's way get right numbers or a clear exception. Nothing here waits
/// for a certain time: where one side must be busy, it is until the other has finished.
class RacesTest {
  private static final class Model extends Module {
    private final LSTM lstm = register("lstm", new LSTM(3, 8));
    private final Linear fc = register("fc", new Linear(8, 1));

    Tensor forward(Tensor x) {
      return fc.forward(lstm.forward(x).output());
    }
  }

  private static ExecutorService threads(boolean virtual, int count) {
    return virtual
        ? Executors.newVirtualThreadPerTaskExecutor()
        : Executors.newFixedThreadPool(count);
  }

  private static <T> List<Future<T>> start(ExecutorService executor, int count, Callable<T> task) {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) futures.add(executor.submit(task));
    return futures;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void should_run_one_module_in_32_threads_while_a_copy_is_trained(boolean virtual)
      throws Exception {
    Torch.manualSeed(1);
    Model model = new Model();
    Model copy = new Model();
    copy.loadStateDict(model.stateDict());
    try (Tensor x = Torch.randn(5, 4, 3).keep();
        Tensor expected = model.forward(x).detach().keep();
        ExecutorService executor = threads(virtual, 33)) {
      AtomicBoolean stop = new AtomicBoolean();
      Future<Double> training =
          executor.submit(() -> {
            Adam optimizer = new Adam(copy.parameters(), 0.01);
            double loss = 0;
            for (int step = 0; step < 5 || !stop.get(); step++) {
              loss =
                  TensorScope.scope(() -> {
                    optimizer.zeroGrad();
                    Tensor error = copy.forward(x).pow(2).sum();
                    error.backward();
                    optimizer.step();
                    return error.item();
                  });
            }
            return loss;
          });
      List<Future<Boolean>> users =
          start(
              executor,
              32,
              () -> {
                boolean same = true;
                for (int i = 0; i < 8; i++) {
                  same &= TensorScope.scope(() -> model.forward(x).equal(expected));
                }
                return same;
              });
      for (Future<Boolean> user : users) assertThat(user.get()).isTrue();
      stop.set(true);
      // The copy has learnt, the model has not.
      double before = TensorScope.scope(() -> expected.pow(2).sum().item());
      assertThat(training.get()).isLessThan(before);
    }
  }

  /// Numbers are anyone's guess then, memory is not.
  @Test
  void should_survive_new_weights_during_forward() throws Exception {
    Model model = new Model();
    Model other = new Model();
    try (Tensor x = Torch.ones(5, 4, 3).keep();
        ExecutorService executor = threads(false, 8)) {
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<Boolean>> users =
          start(
              executor,
              7,
              () -> {
                boolean finite = true;
                do {
                  finite &=
                      TensorScope.scope(() -> model.forward(x).isfinite().all().itemBoolean());
                } while (!stop.get());
                return finite;
              });
      for (int i = 0; i < 50; i++) {
        TensorScope.scope((Runnable) () -> model.loadStateDict(other.stateDict()));
      }
      stop.set(true);
      for (Future<Boolean> user : users) assertThat(user.get()).isTrue();
    }
  }

  /// What a call is given may be closed at any moment, each of a list for itself.
  @Test
  void should_survive_the_close_of_a_shared_scope_during_use() throws Exception {
    long before = LeakDetection.liveHandles();
    int users = 4;
    try (ExecutorService executor = threads(false, users)) {
      for (int round = 0; round < 30; round++) {
        CountDownLatch started = new CountDownLatch(users);
        List<Future<Boolean>> outcomes;
        try (var scope = TensorScope.openShared()) {
          List<Tensor> parts = List.of(Torch.ones(50), Torch.full(new long[] {50}, 2.0));
          outcomes =
              start(
                  executor,
                  users,
                  () -> {
                    started.countDown();
                    try (var own = TensorScope.open()) {
                      while (true) assertThat(Torch.cat(parts).sum().item()).isEqualTo(150);
                    } catch (IllegalStateException e) {
                      assertThat(e).hasMessageContaining("is closed");
                      return true;
                    }
                  });
          started.await();
        }
        for (Future<Boolean> outcome : outcomes) assertThat(outcome.get()).isTrue();
      }
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  /// Every tensor is taken in and freed, or refused and freed.
  @Test
  void should_take_in_tensors_of_many_threads_until_a_shared_scope_closes() throws Exception {
    long before = LeakDetection.liveHandles();
    try (ExecutorService executor = threads(false, 4)) {
      for (int round = 0; round < 30; round++) {
        CountDownLatch started = new CountDownLatch(4);
        List<Future<Integer>> moved;
        try (var shared = TensorScope.openShared()) {
          moved =
              start(
                  executor,
                  4,
                  () -> {
                    int count = 0;
                    started.countDown();
                    try (var own = TensorScope.open()) {
                      while (true) {
                        Torch.full(new long[] {3}, count).moveTo(shared);
                        count++;
                      }
                    } catch (IllegalStateException e) {
                      assertThat(e)
                          .hasMessageMatching(
                              "cannot (add|move) a tensor (in)?to a scope that is closed");
                      return count;
                    }
                  });
          started.await();
        }
        for (Future<Integer> count : moved) assertThat(count.get()).isNotNegative();
      }
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  /// As StructuredTaskScope does, which is a preview in JDK 25: subtasks of virtual threads within
  /// a scope, all awaited before it closes, the rest interrupted after the first failure.
  @Test
  void should_free_what_subtasks_made_when_one_fails() throws Exception {
    long before = LeakDetection.liveHandles();
    assertThatThrownBy(
            () -> {
              try (var shared = TensorScope.openShared();
                  ExecutorService subtasks = threads(true, 0)) {
                Tensor input = Torch.ones(10);
                CountDownLatch working = new CountDownLatch(3);
                List<Future<Tensor>> others =
                    start(
                        subtasks,
                        3,
                        () -> {
                          Tensor sum = input.mul(2).moveTo(shared);
                          working.countDown();
                          while (!Thread.currentThread().isInterrupted()) {
                            sum = sum.add(input).moveTo(shared);
                            sum.sum().close();
                          }
                          return sum;
                        });
                Future<Tensor> failing =
                    subtasks.submit(() -> {
                      working.await();
                      return Torch.matmul(input, Torch.ones(3).moveTo(shared));
                    });
                try {
                  failing.get();
                } finally {
                  for (Future<Tensor> other : others) other.cancel(true);
                }
              }
            })
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("inconsistent tensor size, expected tensor [10] and src [3]");
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void should_compute_in_an_interrupted_thread_and_leave_it_interrupted(boolean virtual)
      throws Exception {
    try (ExecutorService executor = threads(virtual, 1)) {
      Future<Boolean> interrupted =
          executor.submit(() -> {
            Thread.currentThread().interrupt();
            Model model = new Model();
            try (var scope = TensorScope.open()) {
              Tensor loss = model.forward(Torch.ones(5, 4, 3)).pow(2).sum();
              loss.backward();
              assertThat(loss.item()).isPositive();
            }
            // With a collection in between: what nobody holds makes room.
            CpuMemory.setLimit(CpuMemory.memoryAllocated() + (8 << 20));
            try {
              for (int i = 0; i < 10; i++) {
                Tensor large = Torch.full(new long[] {1 << 20}, 1.0 * i);
                assertThat(TensorScope.scope(() -> large.mean().item())).isEqualTo(i);
              }
            } finally {
              CpuMemory.setLimit(-1);
            }
            return Thread.interrupted();
          });
      assertThat(interrupted.get()).isTrue();
    }
  }
}
