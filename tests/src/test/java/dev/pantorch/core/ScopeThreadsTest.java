package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantorch.Handover;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.testing.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Scopes and the threads around them: executors, virtual threads, structured concurrency.
class ScopeThreadsTest {
  private static final int TASKS = 50;

  @TempDir private Path folder;

  @Test
  void should_refuse_to_be_closed_by_another_thread() throws Exception {
    try (var scope = TensorScope.open();
        ExecutorService executor =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "other"))) {
      Tensor tensor = Torch.ones(1);
      assertThat(executor.submit(() -> catchThrowable(scope::close)).get())
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "a scope opened by thread '%s' was closed by thread 'other': scopes are confined to"
                  + " their thread",
              Thread.currentThread().getName());
      assertThat(executor.submit(() -> catchThrowable(() -> scope.attach(Torch.ones(1)))).get())
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "cannot move a tensor into a scope of thread '%s' from thread 'other'; open a scope"
                  + " in this thread, or open it with TensorScope.openShared()",
              Thread.currentThread().getName());
      assertThat(tensor.isClosed()).isFalse();
    }
  }

  @Test
  void should_not_own_what_the_tasks_of_an_executor_make() throws Exception {
    try (var scope = TensorScope.open();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Tensor>> results = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        int n = i;
        results.add(
            executor.submit(() -> TensorScope.scope(() -> Torch.full(new long[] {2}, n).mul(2))));
      }
      for (int i = 0; i < TASKS; i++) {
        Tensor result = results.get(i).get();
        assertThat(scope.contains(result)).isFalse();
        assertThat(result.sum().item()).isEqualTo(4.0 * i);
        scope.attach(result);
        assertThat(scope.contains(result)).isTrue();
      }
    }
  }

  @Test
  void should_hand_results_over_to_the_scope_of_the_thread_that_takes_them() throws Exception {
    try (var scope = TensorScope.open();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Handover<Tensor>>> results = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        int n = i;
        results.add(executor.submit(() -> Handover.of(() -> Torch.full(new long[] {2}, n).mul(2))));
      }
      for (int i = 0; i < TASKS; i++) {
        Tensor result = results.get(i).get().take();
        assertThat(scope.contains(result)).isTrue();
        assertThat(result.sum().item()).isEqualTo(4.0 * i);
      }
    }
  }

  @Test
  void should_gather_the_tensors_of_many_threads_in_a_shared_scope() throws Exception {
    long before = LeakDetection.liveHandles();
    List<Tensor> all = new ArrayList<>();
    try (var scope = TensorScope.openShared();
        ExecutorService executor = Executors.newFixedThreadPool(8)) {
      List<Future<Tensor>> results = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        results.add(
            executor.submit(
                () -> TensorScope.scope(() -> scope.attach(Torch.ones(3).add(Torch.ones(3))))));
      }
      for (Future<Tensor> result : results) all.add(result.get());
      assertThat(scope.size()).isEqualTo(TASKS);
      assertThat(all).allMatch(scope::contains);
    }
    assertThat(all).allMatch(Tensor::isClosed);
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  /// Whoever comes too late is told so, and what it brought is freed.
  @Test
  void should_be_closed_while_other_threads_add_to_it() throws Exception {
    long before = LeakDetection.liveHandles();
    int adders = 4;
    try (ExecutorService executor = Executors.newFixedThreadPool(adders)) {
      for (int round = 0; round < 30; round++) {
        TensorScope scope = TensorScope.openShared();
        CountDownLatch started = new CountDownLatch(adders);
        List<Future<Throwable>> outcomes = new ArrayList<>();
        for (int a = 0; a < adders; a++) {
          outcomes.add(
              executor.submit(() -> {
                started.countDown();
                return catchThrowable(() -> {
                  while (true) scope.attach(Torch.ones(1));
                });
              }));
        }
        started.await();
        scope.close();
        for (Future<Throwable> outcome : outcomes) {
          assertThat(outcome.get())
              .isExactlyInstanceOf(IllegalStateException.class)
              .hasMessageMatching("cannot (add|move) a tensor (to|into) a scope that is closed");
        }
      }
    }
    // Those that were refused at the door belong to nobody.
    LeakDetection.collect();
    assertThat(LeakDetection.liveHandles()).isLessThanOrEqualTo(before);
  }

  @Test
  void should_end_a_shared_scope_from_any_thread() throws Exception {
    TensorScope scope = TensorScope.openShared();
    Tensor mine = Torch.ones(1);
    Thread closer = Thread.startVirtualThread(scope::close);
    closer.join();
    assertThat(mine.isClosed()).isTrue();
    try (var next = TensorScope.open();
        Tensor later = Torch.ones(1)) {
      assertThat(next.contains(later)).isTrue();
      assertThat(scope.contains(later)).isFalse();
    }
  }

  /// A thread of a pool that forgot its scope does not pass it on to the caller's.
  @Test
  void should_keep_scopes_of_threads_apart() throws Exception {
    try (var scope = TensorScope.open();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      TensorScope theirs = executor.submit(() -> TensorScope.open()).get();
      Tensor mine = Torch.ones(1);
      assertThat(scope.contains(mine)).isTrue();
      assertThat(theirs.contains(mine)).isFalse();
      executor.submit(theirs::close).get();
      assertThat(mine.isClosed()).isFalse();
    }
  }

  /// Structured concurrency is a preview, which a program of its own switches on.
  @Test
  void should_work_with_structured_concurrency() throws IOException, InterruptedException {
    Path program = folder.resolve("StructuredScopes.java");
    try (InputStream source = ScopeThreadsTest.class.getResourceAsStream("StructuredScopes.txt")) {
      Files.write(program, Objects.requireNonNull(source).readAllBytes());
    }
    String version = String.valueOf(Runtime.version().feature());
    String output =
        ChildJvm.of(program.toString()).flags("--enable-preview", "--source", version).output();
    assertThat(output.lines())
        .contains(
            "sum of 8 subtasks: 112.0", "in the scope: 8", "failed: mine", "live at the end: 0");
  }
}
