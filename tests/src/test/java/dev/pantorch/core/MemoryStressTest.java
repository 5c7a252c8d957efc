package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.CpuMemory;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No element is ever read as anything but what was written: tensors are made, handed from thread
/// to thread, compared and freed, while threads come and go and memory is given back meanwhile.
class MemoryStressTest {
  private static final int WORKERS = 6;
  private static final int STEPS = 1_500;

  /// A tensor and what must be in it.
  @SuppressWarnings("ArrayRecordComponent") // for this class only
  private record Held(Tensor tensor, float[] elements) {
    void checkAndFree() {
      assertThat(tensor.toFloatArray()).isEqualTo(elements);
      tensor.close();
    }
  }

  private static Held make(Random random) {
    int most = random.nextInt(10) < 7 ? 20 : random.nextInt(10) < 8 ? 2_000 : 100_000;
    float[] elements = new float[1 + random.nextInt(most)];
    for (int i = 0; i < elements.length; i++) elements[i] = random.nextInt(1, 1 << 20);
    return new Held(Torch.tensor(elements), elements);
  }

  private static void work(long seed, int steps, ConcurrentLinkedQueue<Held> exchange) {
    Random random = new Random(seed);
    List<Held> mine = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      mine.add(make(random));
      if (random.nextBoolean()) exchange.add(mine.remove(random.nextInt(mine.size())));
      Held others = random.nextBoolean() ? exchange.poll() : null;
      if (others != null) others.checkAndFree();
      if (mine.size() > 20) mine.remove(random.nextInt(mine.size())).checkAndFree();
    }
    mine.forEach(Held::checkAndFree);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1 << 20})
  void should_keep_every_element(long cacheLimit) throws Exception {
    ConcurrentLinkedQueue<Held> exchange = new ConcurrentLinkedQueue<>();
    AtomicBoolean done = new AtomicBoolean();
    CpuMemory.setCacheLimit(cacheLimit);
    try (ExecutorService executor = Executors.newFixedThreadPool(WORKERS + 2)) {
      List<Future<?>> workers = new ArrayList<>();
      for (int w = 0; w < WORKERS; w++) {
        long seed = w;
        workers.add(executor.submit(() -> work(seed, STEPS, exchange)));
      }
      Future<?> trimmer =
          executor.submit(() -> {
            while (!done.get()) CpuMemory.emptyCache();
          });
      Future<?> starter =
          executor.submit(() -> {
            for (long i = 0; !done.get(); i++) {
              long seed = 1000 + i;
              Thread passing = Thread.ofPlatform().start(() -> work(seed, 20, exchange));
              passing.join();
            }
            return null;
          });
      try {
        for (Future<?> worker : workers) worker.get();
      } finally {
        done.set(true);
      }
      trimmer.get();
      starter.get();
    } finally {
      CpuMemory.setCacheLimit(-1);
    }
    exchange.forEach(Held::checkAndFree);
  }

  /// Short arrays, by code that is compiled meanwhile: once `[1, 0, 9]` was read for `[1, 4, 9]`.
  @Test
  void should_read_short_arrays_as_they_are() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        readers.add(
            executor.submit(() -> {
              for (int i = 0; i < 5_000; i++) {
                float a = i % 1000 + 1;
                try (var scope = TensorScope.open()) {
                  Tensor x = Torch.tensor(new float[] {a, a + 1, a + 2});
                  float[] squares = x.mul(x).toFloatArray();
                  assertThat(squares).containsExactly(a * a, (a + 1) * (a + 1), (a + 2) * (a + 2));
                }
              }
            }));
      }
      for (Future<?> reader : readers) reader.get();
    }
  }
}
