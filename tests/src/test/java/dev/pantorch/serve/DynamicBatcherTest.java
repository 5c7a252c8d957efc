package dev.pantorch.serve;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.DType;
import dev.pantorch.IndexException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.utils.rnn.Rnn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicBatcherTest {
  /// So long that a batch starts only when it is full.
  private static final Duration LONG = Duration.ofHours(1);

  private static final Duration NONE = Duration.ZERO;

  @Test
  void should_run_a_full_batch_as_one_and_give_each_its_row() {
    Linear model = new Linear(5, 3);
    List<long[]> shapes = Collections.synchronizedList(new ArrayList<>());
    UnaryOperator<Tensor> forward =
        batch -> {
          shapes.add(batch.shape());
          return model.forward(batch);
        };
    try (var scope = TensorScope.open();
        var batcher = new DynamicBatcher(forward, o -> o.maxBatchSize(4).maxQueueDelay(LONG))) {
      Tensor x = Torch.randn(4, 5);
      Tensor expected = model.forward(x);
      List<CompletableFuture<Tensor>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) answers.add(batcher.submit(x.select(0, i)));
      for (int i = 0; i < 4; i++) {
        Tensor answer = scope.attach(answers.get(i).join());
        assertThat(answer.equal(expected.select(0, i))).isTrue();
      }
      assertThat(shapes).containsExactly(new long[] {4, 5});
      assertThat(batcher.statistics().batchSizes()).containsExactly(0L, 0L, 0L, 1L);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void should_answer_many_threads(boolean virtual) throws Exception {
    int clients = 32;
    int requests = 40;
    try (var batcher =
            new DynamicBatcher(batch -> batch.mul(2).add(1), o -> o.maxBatchSize(8).workers(2));
        ExecutorService executor =
            virtual
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newFixedThreadPool(clients)) {
      List<Future<Double>> sums = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        int client = c;
        sums.add(
            executor.submit(() -> {
              double sum = 0;
              for (int i = 0; i < requests; i++) {
                try (var scope = TensorScope.open()) {
                  Tensor answer = batcher.run(Torch.full(new long[] {2}, client + i));
                  assertThat(scope.contains(answer)).isTrue();
                  sum += answer.sum().item();
                }
              }
              return sum;
            }));
      }
      for (int c = 0; c < clients; c++) {
        // Two elements, each 2 (c + i) + 1, over all i.
        double expected = 2.0 * (2.0 * (requests * c + requests * (requests - 1) / 2) + requests);
        assertThat(sums.get(c).get()).isEqualTo(expected);
      }
      ServingStatistics statistics = batcher.statistics();
      assertThat(statistics.answered()).isEqualTo((long) clients * requests);
      assertThat(statistics.failed() + statistics.rejected() + statistics.abandoned()).isZero();
      assertThat(statistics.waiting()).isZero();
      assertThat(statistics.meanBatchSize()).isBetween(1.0, 8.0);
      assertThat(statistics.meanBatchSize() * statistics.batches())
          .isCloseTo(clients * requests, within(1e-6));
      assertThat(statistics.latency().max()).isGreaterThanOrEqualTo(statistics.latency().p50());
      assertThat(statistics.latency().p50()).isGreaterThanOrEqualTo(statistics.queueTime().p50());
      assertThat(statistics.runTime().p50()).isPositive();
    }
  }

  @Test
  void should_not_wait_for_a_full_batch_longer_than_the_delay() throws InterruptedException {
    try (var batcher =
            new DynamicBatcher(batch -> batch.mul(2), o -> o.maxQueueDelay(Duration.ofMillis(5)));
        Tensor one = Torch.ones(1);
        Tensor answer = batcher.run(one)) {
      assertThat(answer.item()).isEqualTo(2);
      assertThat(batcher.statistics().queueTime().max())
          .isGreaterThanOrEqualTo(Duration.ofMillis(5));
    }
  }

  @Test
  void should_fail_only_the_request_that_is_to_blame() {
    Embedding embedding = new Embedding(10, 2);
    try (var scope = TensorScope.open();
        var batcher =
            new DynamicBatcher(embedding::forward, o -> o.maxBatchSize(3).maxQueueDelay(LONG))) {
      CompletableFuture<Tensor> good = batcher.submit(Torch.tensor(new long[] {1, 2}));
      CompletableFuture<Tensor> bad = batcher.submit(Torch.tensor(new long[] {3, 99}));
      CompletableFuture<Tensor> alsoGood = batcher.submit(Torch.tensor(new long[] {4, 5}));
      assertThat(scope.attach(good.join()).shape()).containsExactly(2, 2);
      assertThat(scope.attach(alsoGood.join()).shape()).containsExactly(2, 2);
      assertThatThrownBy(bad::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isExactlyInstanceOf(IndexException.class)
          .hasMessageStartingWith("aten::embedding: index out of range in self");
      ServingStatistics statistics = batcher.statistics();
      assertThat(statistics.answered()).isEqualTo(2);
      assertThat(statistics.failed()).isEqualTo(1);
    }
  }

  @Test
  void should_keep_requests_of_another_shape_or_dtype_out_of_a_batch() {
    LSTM lstm = new LSTM(5, 4, o -> o.batchFirst(true));
    try (var scope = TensorScope.open();
        var batcher =
            new DynamicBatcher(
                batch -> lstm.forward(batch).output(),
                o -> o.maxBatchSize(2).maxQueueDelay(LONG))) {
      CompletableFuture<Tensor> first = batcher.submit(Torch.randn(7, 5));
      CompletableFuture<Tensor> wide = batcher.submit(Torch.randn(7, 6));
      CompletableFuture<Tensor> wide2 = batcher.submit(Torch.randn(7, 6));
      CompletableFuture<Tensor> whole = batcher.submit(Torch.zeros(DType.INT64, 7, 5));
      CompletableFuture<Tensor> second = batcher.submit(Torch.randn(7, 5));
      assertThat(scope.attach(first.join()).shape()).containsExactly(7, 4);
      assertThat(scope.attach(second.join()).shape()).containsExactly(7, 4);
      for (CompletableFuture<Tensor> each : List.of(wide, wide2)) {
        assertThatThrownBy(each::join).hasMessageContaining("input.size(-1)");
      }
      assertThat(whole.isDone()).isFalse();
      assertThat(batcher.statistics().batchSizes()).containsExactly(0L, 1L);
      batcher.closeNow();
      assertThat(whole).isCompletedExceptionally();
    }
  }

  @Test
  void should_throw_what_the_function_threw() {
    UnaryOperator<Tensor> failing =
        _ -> {
          throw new IllegalArgumentException("mine");
        };
    try (var batcher = new DynamicBatcher(failing, o -> o.maxQueueDelay(NONE));
        Tensor one = Torch.ones(1)) {
      assertThatThrownBy(() -> batcher.run(one))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("mine");
      assertThatThrownBy(() -> batcher.run(one)).as("the worker lives on").hasMessage("mine");
    }
  }

  @Test
  void should_say_when_rows_are_missing() {
    try (var scope = TensorScope.open();
        var batcher = new DynamicBatcher(batch -> batch.squeeze(), o -> o.maxQueueDelay(NONE));
        var mean =
            new DynamicBatcher(batch -> batch.mean(), o -> o.maxBatchSize(2).maxQueueDelay(LONG))) {
      Tensor one = Torch.ones(1);
      assertThatThrownBy(() -> batcher.run(one))
          .isExactlyInstanceOf(DynamicBatcherException.class)
          .hasMessage(
              "the function answered a batch of 1 with float32[]; expected a first dimension of 1:"
                  + " one row for each request (squeeze() takes that of a batch of one away;"
                  + " squeeze(-1) does not)");
      List<CompletableFuture<Tensor>> both = List.of(mean.submit(one), mean.submit(one));
      for (CompletableFuture<Tensor> each : both) {
        assertThatThrownBy(each::join)
            .cause()
            .isExactlyInstanceOf(DynamicBatcherException.class)
            .hasMessageStartingWith("the function answered a batch of 2 with float32[]; expected");
      }
    }
  }

  /// What an LSTM that knows the lengths answers, one by one and in a batch.
  @Test
  void should_pad_sequences_of_different_lengths() {
    LSTM lstm = new LSTM(3, 4, o -> o.batchFirst(true));
    List<long[]> seen = Collections.synchronizedList(new ArrayList<>());
    try (var scope = TensorScope.open();
        var batcher =
            DynamicBatcher.ofSequences(
                (padded, lengths) -> {
                  seen.add(padded.shape());
                  seen.add(lengths.toLongArray());
                  var packed = Rnn.packPaddedSequence(padded, lengths, true, false);
                  return lstm.forward(packed).state().h().select(0, -1);
                },
                o -> o.maxBatchSize(3).maxQueueDelay(LONG))) {
      List<Tensor> sequences = List.of(Torch.randn(5, 3), Torch.randn(2, 3), Torch.randn(4, 3));
      List<CompletableFuture<Tensor>> answers = sequences.stream().map(batcher::submit).toList();
      for (int i = 0; i < 3; i++) {
        Tensor alone = lstm.forward(sequences.get(i).unsqueeze(0)).output().select(1, -1);
        assertThat(scope.attach(answers.get(i).join())).isCloseTo(alone.squeeze(0));
      }
      assertThat(seen).containsExactly(new long[] {3, 5, 3}, new long[] {5, 2, 4});
    }
  }

  @Test
  void should_cut_results_to_the_lengths_of_their_requests() {
    try (var scope = TensorScope.open();
        var batcher =
            DynamicBatcher.ofSequences(
                (padded, _) -> padded.add(1),
                o -> o.maxBatchSize(2).maxQueueDelay(LONG).paddingValue(9).trimResults(true))) {
      Tensor shorter = Torch.tensor(new float[] {1, 2});
      Tensor longer = Torch.tensor(new float[] {3, 4, 5});
      var answers = List.of(batcher.submit(shorter), batcher.submit(longer));
      assertThat(scope.attach(answers.get(0).join()).toFloatArray()).containsExactly(2, 3);
      assertThat(scope.attach(answers.get(1).join()).toFloatArray()).containsExactly(4, 5, 6);
      assertThatThrownBy(() -> batcher.submit(Torch.tensor(1.0f)))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a request of [float32[]]; expected one sequence, with a dimension of steps first");
    }
  }

  @Test
  void should_pad_with_the_value_asked_for() {
    try (var scope = TensorScope.open();
        var batcher =
            DynamicBatcher.ofSequences(
                (padded, _) -> padded,
                o -> o.maxBatchSize(2).maxQueueDelay(LONG).paddingValue(9))) {
      var answers =
          List.of(
              batcher.submit(Torch.tensor(new float[] {1})),
              batcher.submit(Torch.tensor(new float[] {3, 4})));
      assertThat(scope.attach(answers.get(0).join()).toFloatArray()).containsExactly(1, 9);
      assertThat(scope.attach(answers.get(1).join()).toFloatArray()).containsExactly(3, 4);
    }
  }

  @Test
  void should_take_and_give_several_tensors() throws InterruptedException {
    try (var scope = TensorScope.open();
        var batcher =
            DynamicBatcher.ofMany(
                in -> List.of(in.get(0).add(in.get(1)), in.get(0).mul(in.get(1)).sum(1)),
                o -> o.maxQueueDelay(NONE))) {
      Tensor a = Torch.tensor(new float[] {1, 2});
      Tensor b = Torch.tensor(new float[] {3, 4});
      List<Tensor> results = batcher.runMany(List.of(a, b));
      assertThat(results.get(0).toFloatArray()).containsExactly(4, 6);
      assertThat(results.get(1).item()).isEqualTo(11);
      for (Tensor result : batcher.submitMany(List.of(a, b)).join()) scope.attach(result);
      assertThatThrownBy(() -> batcher.run(a)).isInstanceOf(IndexOutOfBoundsException.class);
    }
    try (var scope = TensorScope.open();
        var batcher =
            DynamicBatcher.ofMany(
                in -> List.of(in.getFirst(), in.getFirst()), o -> o.maxQueueDelay(NONE))) {
      assertThatThrownBy(() -> batcher.run(Torch.ones(1)))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a request with 2 results; expected 1; use runMany or submitMany with"
                  + " DynamicBatcher.ofMany");
    }
  }

  @Test
  void should_run_a_script_module() throws InterruptedException {
    Linear model = new Linear(4, 2);
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.randn(4);
      ScriptModule traced = Jit.trace(model, Torch.randn(1, 4));
      try (var batcher = new DynamicBatcher(traced::forward, o -> o.maxQueueDelay(NONE))) {
        assertThat(batcher.run(x)).isBitEqualTo(model.forward(x.unsqueeze(0)).squeeze(0));
      }
    }
  }

  @Test
  void should_answer_after_the_callers_tensor_was_closed_and_with_one_that_lasts() {
    try (var batcher =
        new DynamicBatcher(batch -> batch.mul(2), o -> o.maxBatchSize(2).maxQueueDelay(LONG))) {
      CompletableFuture<Tensor> answer;
      try (var scope = TensorScope.open()) {
        answer = batcher.submit(Torch.full(new long[] {2}, 3.0).requiresGrad_());
      }
      try (Tensor one = Torch.ones(2)) {
        batcher.submit(one).join().close();
      }
      assertThat(answer.join().toFloatArray()).containsExactly(6, 6);
      assertThat(answer.join().requiresGrad()).isFalse();
      // Not a view of the batch's result.
      assertThat(answer.join().storageOffset()).isZero();
      answer.join().close();
    }
  }

  @Test
  void should_refuse_a_run_within_its_own_function() {
    DynamicBatcher[] self = new DynamicBatcher[1];
    UnaryOperator<Tensor> nested =
        batch -> {
          try {
            return self[0].run(batch);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (var batcher = new DynamicBatcher(nested, o -> o.maxQueueDelay(NONE));
        Tensor one = Torch.ones(1)) {
      self[0] = batcher;
      assertThatThrownBy(() -> batcher.run(one))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "run was called by the function that the batcher runs: it would wait for itself");
    }
  }

  @Test
  void should_refuse_options_out_of_range() {
    UnaryOperator<Tensor> same = batch -> batch;
    assertThatThrownBy(() -> new DynamicBatcher(same, o -> o.maxBatchSize(0)))
        .hasMessage("maxBatchSize is 0; expected 1 or more");
    assertThatThrownBy(() -> new DynamicBatcher(same, o -> o.maxQueueSize(-1)))
        .hasMessage("maxQueueSize is -1; expected 1 or more");
    assertThatThrownBy(() -> new DynamicBatcher(same, o -> o.workers(0)))
        .hasMessage("workers is 0; expected 1 or more");
    assertThatThrownBy(() -> new DynamicBatcher(same, o -> o.timeout(Duration.ZERO)))
        .hasMessage("timeout is PT0S; expected more than 0");
    assertThatThrownBy(() -> new DynamicBatcher(same, o -> o.maxQueueDelay(Duration.ofMillis(-1))))
        .hasMessage("maxQueueDelay is PT-0.001S; expected 0 or more");
  }
}
