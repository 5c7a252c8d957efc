package dev.pantorch.data;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Generator;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.testing.TensorAssert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataLoaderTest {
  private static Dataset<Tensor> rows(int size) {
    return Dataset.of(IntStream.range(0, size).boxed().toList())
        .map(i -> Torch.tensor((float) i, (float) -i));
  }

  private static List<Integer> firsts(Iterable<Tensor> loader) {
    var found = new ArrayList<Integer>();
    try (TensorScope scope = TensorScope.open()) {
      for (Tensor batch : loader) {
        for (float value : batch.select(1, 0).contiguous().toFloatArray()) found.add((int) value);
      }
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void should_keep_the_order_and_the_last_batch(int workers) {
    var loader = new DataLoader<>(rows(11), o -> o.batchSize(4).numWorkers(workers));
    assertThat(loader.size()).isEqualTo(3);
    assertThat(firsts(loader)).isEqualTo(IntStream.range(0, 11).boxed().toList());
    assertThat(loader.epoch()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void should_read_a_stream_once_and_in_order(int workers) {
    IterableDataset<Tensor> stream =
        () -> IntStream.range(0, 11).mapToObj(i -> Torch.tensor((float) i, (float) -i)).iterator();
    var loader = new DataLoader<>(stream, o -> o.batchSize(4).numWorkers(workers));
    assertThat(firsts(loader)).isEqualTo(IntStream.range(0, 11).boxed().toList());
    assertThat(firsts(new DataLoader<>(stream, o -> o.batchSize(4).dropLast(true)))).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void should_give_batches_to_the_scope_that_takes_them(int workers) {
    var loader = new DataLoader<>(rows(8), o -> o.batchSize(4).numWorkers(workers));
    try (var batches = loader.iterator()) {
      while (batches.hasNext()) {
        Tensor batch;
        try (TensorScope scope = TensorScope.open()) {
          batch = batches.next();
          assertThat(scope.contains(batch)).isTrue();
          assertThat(scope.size()).isEqualTo(1);
        }
        TensorAssert.assertThat(batch).isClosed();
      }
    }
  }

  @Test
  void should_prepare_no_more_batches_than_were_asked_for() throws InterruptedException {
    var made = new AtomicInteger();
    var sixMade = new CountDownLatch(6);
    Dataset<Tensor> counting =
        rows(100)
            .map(row -> {
              made.incrementAndGet();
              sixMade.countDown();
              return row;
            });
    var loader = new DataLoader<>(counting, o -> o.numWorkers(2).prefetchFactor(3));
    try (var batches = loader.iterator()) {
      sixMade.await();
      Thread.sleep(50);
      assertThat(made).hasValue(6);
      batches.next().close();
      Thread.sleep(50);
      assertThat(made).hasValue(7);
    }
  }

  @Test
  void should_run_no_more_workers_than_were_asked_for() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    Dataset<Tensor> slow =
        rows(20)
            .map(row -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              sleep(5);
              running.decrementAndGet();
              return row;
            });
    assertThat(firsts(new DataLoader<>(slow, o -> o.numWorkers(3)))).hasSize(20);
    assertThat(most.get()).isBetween(2, 3);
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void should_free_what_was_prepared_when_closed_early() {
    long before = LeakDetection.liveHandles();
    var loader = new DataLoader<>(rows(100), o -> o.batchSize(2).numWorkers(2));
    try (var batches = loader.iterator()) {
      batches.next().close();
    }
    for (int i = 0; i < 200 && LeakDetection.liveHandles() > before; i++) sleep(5);
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_leave_nothing_behind_a_loop_that_breaks() {
    long before = LeakDetection.liveHandles();
    for (Tensor batch : new DataLoader<>(rows(100), o -> o.batchSize(2).numWorkers(2))) {
      batch.close();
      break;
    }
    for (int i = 0; i < 50 && LeakDetection.liveHandles() > before; i++) {
      sleep(5);
      LeakDetection.collect();
    }
    assertThat(LeakDetection.liveHandles()).isLessThanOrEqualTo(before);
  }

  @Test
  void should_say_which_batch_a_worker_failed_to_make_and_why() {
    var cause = new ValueException("row 5 is broken");
    Dataset<Tensor> broken =
        Dataset.of(List.of(0, 1, 2, 3, 4, 5, 6))
            .map(i -> {
              if (i == 5) throw cause;
              return Torch.tensor((float) i, 0f);
            });
    var loader = new DataLoader<>(broken, o -> o.batchSize(2).numWorkers(2));
    try (TensorScope scope = TensorScope.open();
        var batches = loader.iterator()) {
      batches.next();
      batches.next();
      assertThatThrownBy(batches::next)
          .isInstanceOf(DataLoaderException.class)
          .hasMessage(
              "Caught ValueException in DataLoader worker while making batch 2: row 5 is broken")
          .hasCause(cause)
          .extracting(e -> ((DataLoaderException) e).batchIndex())
          .isEqualTo(2L);
      assertThat(batches.hasNext()).isFalse();
    }
    var inCaller = new DataLoader<>(broken, o -> o.batchSize(7));
    assertThatThrownBy(() -> inCaller.iterator().next()).isSameAs(cause);
  }

  @Test
  void should_give_up_after_the_timeout() {
    Dataset<Tensor> slow =
        rows(3)
            .map(row -> {
              sleep(300);
              return row;
            });
    var loader = new DataLoader<>(slow, o -> o.numWorkers(1).timeout(Duration.ofMillis(20)));
    try (var batches = loader.iterator()) {
      assertThatThrownBy(batches::next)
          .isInstanceOf(TorchException.class)
          .hasMessage("DataLoader timed out after 0.02 seconds");
    }
    sleep(400);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void should_resume_in_the_middle_of_an_epoch(int workers) {
    for (boolean own : new boolean[] {true, false}) {
      for (int taken : new int[] {0, 3, 7}) {
        Torch.manualSeed(3);
        var first = shuffled(own, workers);
        firsts(first);
        Map<String, Object> state;
        List<Integer> rest = new ArrayList<>();
        try (TensorScope scope = TensorScope.open()) {
          var batches = first.iterator();
          for (int i = 0; i < taken; i++) batches.next();
          state = first.state();
          Tensor random = Generator.defaultFor(dev.pantorch.Device.CPU).getState();
          while (batches.hasNext()) rest.addAll(rowsOf(batches.next()));
          List<Integer> following = firsts(first);

          var second = shuffled(own, workers);
          Generator.defaultFor(dev.pantorch.Device.CPU).setState(random);
          second.loadState(state);
          assertThat(firsts(second)).isEqualTo(rest);
          assertThat(second.epoch()).isEqualTo(2);
          assertThat(firsts(second)).isEqualTo(following);
        }
      }
    }
  }

  private static DataLoader<Tensor> shuffled(boolean own, int workers) {
    Generator generator = own ? new Generator().manualSeed(9) : null;
    return new DataLoader<>(
        rows(20), o -> o.batchSize(3).shuffle(true).numWorkers(workers).generator(generator));
  }

  private static List<Integer> rowsOf(Tensor batch) {
    float[] values = batch.select(1, 0).contiguous().toFloatArray();
    var rows = new ArrayList<Integer>();
    for (float value : values) rows.add((int) value);
    return rows;
  }

  private static Tensor part(Map<?, ?> batch, String key) {
    return (Tensor) requireNonNull(batch.get(key));
  }

  @Test
  void should_collate_as_python_does() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.tensor(1f, 2f);
      var batch =
          (Map<?, ?>)
              Collate.of(
                  List.of(
                      Map.of("x", x, "y", 1, "z", List.of(0.5, "a")),
                      Map.of("x", x, "y", 2, "z", List.of(1.5, "b"))));
      TensorAssert.assertThat(part(batch, "x")).hasShape(2, 2).hasValues(1, 2, 1, 2);
      TensorAssert.assertThat(part(batch, "y")).hasDType(dev.pantorch.DType.INT64);
      var z = (List<?>) requireNonNull(batch.get("z"));
      TensorAssert.assertThat((Tensor) z.get(0))
          .hasDType(dev.pantorch.DType.FLOAT64)
          .hasValues(0.5, 1.5);
      assertThat(z.get(1)).isEqualTo(List.of("a", "b"));
      assertThatThrownBy(() -> Collate.of(List.of(List.of(1), List.of(1, 2))))
          .isInstanceOf(ValueException.class)
          .hasMessage("each element in list of batch should be of equal size");
      assertThatThrownBy(() -> Collate.of(List.of(new Object())))
          .hasMessageStartingWith("default_collate: batch must contain tensors");
    }
  }

  @Test
  void should_gather_rows_as_stacking_them_would() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(9, 4);
      Tensor y = Torch.arange(9);
      var data = new TensorDataset(x, y);
      for (int[] indices : new int[][] {{0, 1, 2}, {7, 2, 2, 5}}) {
        List<Tensor> batch = data.getBatch(indices);
        var samples = Arrays.stream(indices).mapToObj(data::get).toList();
        List<Tensor> stacked = Collate.<List<Tensor>>byDefault().collate(samples);
        TensorAssert.assertThat(batch.get(0)).isBitEqualTo(stacked.get(0));
        TensorAssert.assertThat(batch.get(1)).isBitEqualTo(stacked.get(1));
      }
      Tensor first = data.getBatch(0, 1).getFirst();
      first.zero_();
      assertThat(x.get(0, 0).item()).isNotZero();
    }
  }

  @Test
  void should_pad_sequences_and_mask_the_padding() {
    try (TensorScope scope = TensorScope.open()) {
      var loader =
          new DataLoader<>(
              Dataset.of(List.of(Torch.tensor(new float[] {1f}), Torch.tensor(2f, 3f, 4f))),
              Collate.padSequence(-1),
              o -> o.batchSize(2));
      PaddedBatch batch = loader.iterator().next();
      TensorAssert.assertThat(batch.data()).hasShape(2, 3).hasValues(1, -1, -1, 2, 3, 4);
      TensorAssert.assertThat(batch.lengths()).hasValues(1, 3);
      assertThat(batch.mask().toBooleanArray())
          .containsExactly(true, false, false, true, true, true);
    }
  }

  @Test
  void should_put_similar_lengths_together() {
    Torch.manualSeed(0);
    int[] lengths = IntStream.range(0, 200).map(i -> 1 + i * 7919 % 50).toArray();
    var sampler = new BucketByLengthSampler(lengths, 8, o -> o.poolBatches(25));
    var seen = new ArrayList<Integer>();
    int padding = 0;
    for (int[] batch : sampler) {
      int longest = Arrays.stream(batch).map(i -> lengths[i]).max().orElseThrow();
      for (int i : batch) {
        seen.add(i);
        padding += longest - lengths[i];
      }
    }
    assertThat(seen).hasSize(200).doesNotHaveDuplicates();
    // 4 samples of each length: a batch of 8 in one pool spans two lengths.
    assertThat(padding).isEqualTo(25 * 4);
  }

  @Test
  void should_refuse_options_that_contradict_each_other() {
    var data = rows(3);
    assertThatThrownBy(
            () -> new DataLoader<>(data, o -> o.shuffle(true).sampler(new SequentialSampler(data))))
        .hasMessage("sampler option is mutually exclusive with shuffle");
    assertThatThrownBy(() -> new DataLoader<>(data, o -> o.batchSize(0)))
        .hasMessage("batch_size should be a positive integer value, but got batch_size=0");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void should_tell_how_far_it_is(int workers) {
    var told = new ArrayList<List<Long>>();
    var loader =
        new DataLoader<>(
            rows(5),
            o ->
                o.batchSize(2)
                    .numWorkers(workers)
                    .progress((batches, total) -> told.add(List.of(batches, total))));
    firsts(loader);
    firsts(loader);
    assertThat(told)
        .containsExactly(
            List.of(1L, 3L),
            List.of(2L, 3L),
            List.of(3L, 3L),
            List.of(1L, 3L),
            List.of(2L, 3L),
            List.of(3L, 3L));
    told.clear();
    IterableDataset<Tensor> stream = () -> List.of(Torch.zeros(2), Torch.zeros(2)).iterator();
    firsts(new DataLoader<>(stream, o -> o.progress((b, total) -> told.add(List.of(b, total)))));
    assertThat(told).containsExactly(List.of(1L, -1L), List.of(2L, -1L));
  }

  @Test
  void should_pin_tensors_wherever_they_are_in_a_batch() {
    record Text(Tensor words, Map<String, List<Tensor>> more, String name) {}
    try (TensorScope scope = TensorScope.open()) {
      Tensor one = Torch.ones(1);
      var batch = new Text(one, Map.of("x", List.of(one)), "a");
      Text pinned = PinMemory.map(batch, tensor -> tensor.add(1));
      assertThat(pinned.name).isEqualTo("a");
      assertThat(pinned.words.item()).isEqualTo(2);
      assertThat(requireNonNull(pinned.more.get("x")).getFirst().item()).isEqualTo(2);
      assertThat(one.item()).isEqualTo(1);
    }
  }
}
