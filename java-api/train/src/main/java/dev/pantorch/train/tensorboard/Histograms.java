package dev.pantorch.train.tensorboard;

import com.google.protobuf.Message;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Counts values in the buckets that TensorBoard's own writers use: borders grow by a tenth, on
/// both sides of 0.
final class Histograms {
  private static final double SMALLEST = 1e-12;
  private static final double GREATEST = 1e20;
  private static final double GROWTH = 1.1;
  private static final double[] LIMITS = limits();

  private Histograms() {}

  private static double[] limits() {
    List<Double> positive = new ArrayList<>();
    for (double limit = SMALLEST; limit < GREATEST; limit *= GROWTH) positive.add(limit);
    double[] limits = new double[2 * positive.size() + 1];
    for (int i = 0; i < positive.size(); i++) {
      limits[positive.size() + 1 + i] = positive.get(i);
      limits[positive.size() - 1 - i] = -positive.get(i);
    }
    return limits;
  }

  static Message of(String tag, Tensor tensor) {
    double[] values =
        TensorScope.scope(() -> tensor.detach().reshape(-1).to(DType.FLOAT64).toDoubleArray());
    if (values.length == 0) throw new ValueException("The input has no element.");
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new ValueException(
            "a histogram needs finite values, but '%s' has %s".formatted(tag, value));
      }
      sum += value;
      squares += value * value;
    }
    Arrays.sort(values);

    int buckets = LIMITS.length - 1;
    double[] counts = new double[buckets];
    int from = below(values, LIMITS[0]);
    for (int i = 0; i < buckets; i++) {
      // The last bucket has its right border, too.
      double limit = i == buckets - 1 ? Math.nextUp(LIMITS[i + 1]) : LIMITS[i + 1];
      int to = below(values, limit);
      counts[i] = to - from;
      from = to;
    }
    int first = 0;
    while (first < buckets && counts[first] == 0) first++;
    int last = buckets - 1;
    while (last > first && counts[last] == 0) last--;
    List<Double> limits = new ArrayList<>();
    List<Double> kept = new ArrayList<>();
    // Only right borders are written, so an empty bucket tells where the first one begins.
    limits.add(LIMITS[Math.min(first, buckets)]);
    kept.add(0.0);
    for (int i = first; i <= last; i++) {
      limits.add(LIMITS[i + 1]);
      kept.add(counts[i]);
    }
    return Messages.of(
        "HistogramProto",
        "min",
        values[0],
        "max",
        values[values.length - 1],
        "num",
        (double) values.length,
        "sum",
        sum,
        "sum_squares",
        squares,
        "bucket_limit",
        limits,
        "bucket",
        kept);
  }

  /// How many of the sorted values are below a limit.
  private static int below(double[] sorted, double limit) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < limit) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
