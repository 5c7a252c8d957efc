package dev.pantorch.serve;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Requests that wait: for room in the queue, for their turn, and for a batcher that is closed.
class DynamicBatcherQueueTest {
  /// So long that a batch starts only when it is full.
  private static final Duration LONG = Duration.ofHours(1);

  private static final Duration NONE = Duration.ZERO;

  /// A function that waits, once it was called, until it may go on.
  private static final class Gate implements UnaryOperator<Tensor> {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);

    @Override
    public Tensor apply(Tensor batch) {
      entered.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return batch.mul(2);
    }
  }

  @Test
  void should_reject_what_the_queue_has_no_room_for() throws Exception {
    Gate gate = new Gate();
    try (var scope = TensorScope.open();
        var batcher =
            new DynamicBatcher(gate, o -> o.maxBatchSize(1).maxQueueDelay(NONE).maxQueueSize(2))) {
      Tensor one = Torch.ones(1);
      CompletableFuture<Tensor> running = batcher.submit(one);
      gate.entered.await();
      CompletableFuture<Tensor> waiting = batcher.submit(one);
      CompletableFuture<Tensor> cancelled = batcher.submit(one);
      assertThatThrownBy(() -> batcher.submit(one))
          .isExactlyInstanceOf(RejectedExecutionException.class)
          .hasMessage(
              "2 requests are waiting, as many as may; try again later, call run to wait for room,"
                  + " or raise maxQueueSize or workers");
      assertThat(batcher.statistics().rejected()).isEqualTo(1);
      assertThat(batcher.statistics().waiting()).isEqualTo(2);
      // What nobody waits for makes room.
      cancelled.cancel(false);
      CompletableFuture<Tensor> late = batcher.submit(one);
      gate.open.countDown();
      for (CompletableFuture<Tensor> each : List.of(running, waiting, late)) {
        assertThat(scope.attach(each.join()).item()).isEqualTo(2);
      }
      assertThat(batcher.statistics().abandoned()).isEqualTo(1);
    }
  }

  @Test
  void should_make_run_wait_for_room() throws Exception {
    Gate gate = new Gate();
    try (var batcher =
            new DynamicBatcher(gate, o -> o.maxBatchSize(1).maxQueueDelay(NONE).maxQueueSize(1));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        Tensor one = Torch.ones(1)) {
      List<Future<Double>> answers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        answers.add(
            executor.submit(() -> {
              try (Tensor answer = batcher.run(one)) {
                return answer.item();
              }
            }));
      }
      gate.entered.await();
      gate.open.countDown();
      for (Future<Double> answer : answers) assertThat(answer.get()).isEqualTo(2);
      assertThat(batcher.statistics().rejected()).isZero();
    }
  }

  @Test
  void should_give_up_after_the_timeout() throws Exception {
    Gate gate = new Gate();
    try (var scope = TensorScope.open();
        var batcher =
            new DynamicBatcher(
                gate,
                o ->
                    o.maxBatchSize(1)
                        .maxQueueDelay(NONE)
                        .maxQueueSize(1)
                        .timeout(Duration.ofMillis(30)))) {
      Tensor one = Torch.ones(1);
      String late =
          "a request was not answered within 30 ms; allow more with timeout, or serve faster: more"
              + " workers, larger batches, fewer clients";
      CompletableFuture<Tensor> running = batcher.submit(one);
      gate.entered.await();
      CompletableFuture<Tensor> waiting = batcher.submit(one);
      for (CompletableFuture<Tensor> each : List.of(running, waiting)) {
        assertThatThrownBy(each::join)
            .cause()
            .isExactlyInstanceOf(DynamicBatcherException.class)
            .hasMessage(late);
      }
      // Whether it found room and was not run, or found none: the same answer.
      assertThatThrownBy(() -> batcher.run(one))
          .isExactlyInstanceOf(DynamicBatcherException.class)
          .hasMessage(late);
      gate.open.countDown();
    }
  }

  @Test
  void should_take_a_request_back_when_its_thread_is_interrupted() throws Exception {
    Gate gate = new Gate();
    try (var batcher = new DynamicBatcher(gate, o -> o.maxBatchSize(1).maxQueueDelay(NONE));
        Tensor one = Torch.ones(1)) {
      CompletableFuture<Tensor> running = batcher.submit(one);
      gate.entered.await();
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      Thread client =
          Thread.startVirtualThread(() -> thrown.complete(catchThrowable(() -> batcher.run(one))));
      while (batcher.statistics().waiting() == 0) Thread.onSpinWait();
      client.interrupt();
      assertThat(thrown.get()).isExactlyInstanceOf(InterruptedException.class);
      gate.open.countDown();
      running.join().close();
      batcher.close();
      assertThat(batcher.statistics().answered()).isEqualTo(1);
      assertThat(batcher.statistics().abandoned()).isEqualTo(1);
    }
  }

  @Test
  void should_answer_what_waits_when_it_is_closed() {
    List<CompletableFuture<Tensor>> answers = new ArrayList<>();
    try (Tensor one = Torch.ones(1)) {
      try (var batcher =
          new DynamicBatcher(batch -> batch.mul(2), o -> o.maxBatchSize(100).maxQueueDelay(LONG))) {
        for (int i = 0; i < 7; i++) answers.add(batcher.submit(one));
        batcher.close();
        assertThat(batcher.statistics().batchSizes().get(6)).isEqualTo(1);
        assertThatThrownBy(() -> batcher.submit(one))
            .isExactlyInstanceOf(RejectedExecutionException.class)
            .hasMessage("the batcher is closed");
        assertThatThrownBy(() -> batcher.run(one))
            .isExactlyInstanceOf(RejectedExecutionException.class)
            .hasMessage("the batcher is closed");
      }
      for (CompletableFuture<Tensor> answer : answers) {
        assertThat(answer.join().item()).isEqualTo(2);
        answer.join().close();
      }
    }
  }

  @Test
  void should_fail_what_waits_when_it_is_closed_now() throws Exception {
    Gate gate = new Gate();
    try (Tensor one = Torch.ones(1)) {
      var batcher = new DynamicBatcher(gate, o -> o.maxBatchSize(1).maxQueueDelay(NONE));
      CompletableFuture<Tensor> running = batcher.submit(one);
      gate.entered.await();
      CompletableFuture<Tensor> waiting = batcher.submit(one);
      Thread closing = Thread.startVirtualThread(batcher::closeNow);
      assertThatThrownBy(waiting::join)
          .cause()
          .isExactlyInstanceOf(DynamicBatcherException.class)
          .hasMessage("the batcher was closed before the request was run");
      gate.open.countDown();
      closing.join();
      assertThat(running.join().item()).isEqualTo(2);
      running.join().close();
    }
  }

  @Test
  void should_fail_what_waits_when_closing_is_interrupted() throws Exception {
    Gate gate = new Gate();
    try (Tensor one = Torch.ones(1)) {
      var batcher = new DynamicBatcher(gate, o -> o.maxBatchSize(1).maxQueueDelay(NONE));
      CompletableFuture<Tensor> running = batcher.submit(one);
      gate.entered.await();
      CompletableFuture<Tensor> waiting = batcher.submit(one);
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread closing =
          Thread.startVirtualThread(() -> {
            batcher.close();
            interrupted.complete(Thread.interrupted());
          });
      closing.interrupt();
      assertThatThrownBy(waiting::join)
          .hasMessageContaining("the batcher was closed before the request was run");
      gate.open.countDown();
      assertThat(interrupted.get()).isTrue();
      running.join().close();
    }
  }
}
