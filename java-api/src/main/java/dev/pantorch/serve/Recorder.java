package dev.pantorch.serve;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/// Counts for {@link ServingStatistics}.
final class Recorder {
  private static final int WINDOW = 8192;

  /// The last times of one kind.
  private static final class Times {
    private final long[] nanos = new long[WINDOW];
    private long count;

    synchronized void add(long time) {
      nanos[(int) (count++ % WINDOW)] = time;
    }

    synchronized ServingStatistics.Percentiles percentiles() {
      return ServingStatistics.Percentiles.of(Arrays.copyOf(nanos, (int) Math.min(count, WINDOW)));
    }
  }

  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder abandoned = new LongAdder();
  private final LongAdder[] batchSizes;
  private final Times queueTimes = new Times();
  private final Times runTimes = new Times();
  private final Times latencies = new Times();

  Recorder(int maxBatchSize) {
    batchSizes = new LongAdder[maxBatchSize];
    Arrays.setAll(batchSizes, _ -> new LongAdder());
  }

  void rejected() {
    rejected.increment();
  }

  void abandoned() {
    abandoned.increment();
  }

  void started(Request<?> request) {
    queueTimes.add(System.nanoTime() - request.arrived);
  }

  void ran(int size, long nanos) {
    batchSizes[size - 1].increment();
    runTimes.add(nanos);
  }

  void answered(Request<?> request) {
    answered.increment();
    latencies.add(System.nanoTime() - request.arrived);
  }

  void failed() {
    failed.increment();
  }

  /// The one that was counted as answered was abandoned.
  void notAnswered() {
    answered.decrement();
    abandoned.increment();
  }

  /// The one that was counted as failed was abandoned.
  void notFailed() {
    failed.decrement();
    abandoned.increment();
  }

  ServingStatistics statistics(int waiting) {
    return new ServingStatistics(
        answered.sum(),
        failed.sum(),
        rejected.sum(),
        abandoned.sum(),
        waiting,
        Arrays.stream(batchSizes)
            .flatMapToLong(count -> LongStream.of(count.sum()))
            .boxed()
            .toList(),
        queueTimes.percentiles(),
        runTimes.percentiles(),
        latencies.percentiles());
  }
}
