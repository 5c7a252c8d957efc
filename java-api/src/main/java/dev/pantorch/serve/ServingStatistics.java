package dev.pantorch.serve;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a {@link DynamicBatcher} has done so far.
///
/// ```java
/// try (var batcher = new DynamicBatcher(model::forward)) {
///   batcher.submit(Torch.randn(10, 5)).join().close();
///   ServingStatistics statistics = batcher.statistics();
///   System.out.println(statistics.meanBatchSize() + " requests a batch");
///   System.out.println(statistics.latency().p99() + " for all but one of a hundred");
/// }
/// ```
///
/// @param answered requests that were answered
/// @param failed requests whose function threw
/// @param rejected requests that found no room in the queue
/// @param abandoned requests that nobody waited for any more: cancelled, or out of time
/// @param waiting requests in the queue at this moment
/// @param batchSizes how often the function ran on a batch of 1, of 2, and so on
/// @param queueTime from the arrival of a request to the start of its batch, of the last 8,192
/// @param runTime how long the function took for a batch, of the last 8,192
/// @param latency from the arrival of a request to its answer, of the last 8,192
public record ServingStatistics(
    long answered,
    long failed,
    long rejected,
    long abandoned,
    int waiting,
    List<Long> batchSizes,
    Percentiles queueTime,
    Percentiles runTime,
    Percentiles latency) {

  /// Times in the order of their size.
  ///
  /// @param p50 half of them are no longer
  /// @param p90 nine of ten
  /// @param p99 99 of 100
  /// @param max the longest
  public record Percentiles(Duration p50, Duration p90, Duration p99, Duration max) {
    /// Of times in nanoseconds; zero where there are none.
    static Percentiles of(long[] nanos) {
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      return new Percentiles(at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 1));
    }

    /// The smallest that so great a share of them does not exceed.
    private static Duration at(long[] sorted, double share) {
      if (sorted.length == 0) return Duration.ZERO;
      return Duration.ofNanos(sorted[(int) Math.ceil(share * sorted.length) - 1]);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms",
          millis(p50),
          millis(p90),
          millis(p99),
          millis(max));
    }

    private static double millis(Duration time) {
      return time.toNanos() / 1e6;
    }
  }

  /// How often the function ran.
  ///
  /// @return the number of batches
  public long batches() {
    return batchSizes.stream().mapToLong(Long::longValue).sum();
  }

  /// How many requests a batch had on average.
  ///
  /// @return 0 if there was none
  public double meanBatchSize() {
    long requests = 0;
    for (int i = 0; i < batchSizes.size(); i++) requests += (i + 1) * batchSizes.get(i);
    return batches() == 0 ? 0 : (double) requests / batches();
  }
}
