package dev.pantorch.metrics;

import dev.pantorch.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Metrics that take the same batches.
///
/// ```java
/// var metrics = new MetricCollection(Map.of("accuracy", new Accuracy(3), "f1", new F1Score(3)));
/// ```
public final class MetricCollection {
  private final Map<String, Metric> metrics;

  /// Puts metrics together.
  ///
  /// @param metrics by name, in the order that results have
  public MetricCollection(Map<String, ? extends Metric> metrics) {
    this.metrics = new LinkedHashMap<>(metrics);
  }

  /// Adds a batch of which everything counts to each.
  ///
  /// @param predictions what the model says
  /// @param targets what is true
  public void update(Tensor predictions, Tensor targets) {
    update(predictions, targets, null);
  }

  /// Adds a batch to each.
  ///
  /// @param predictions what the model says
  /// @param targets what is true
  /// @param mask what counts, or null
  public void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    for (Metric metric : metrics.values()) metric.update(predictions, targets, mask);
  }

  /// All figures.
  ///
  /// @return by name
  public Map<String, Double> compute() {
    var figures = new LinkedHashMap<String, Double>();
    metrics.forEach((name, metric) -> figures.put(name, metric.compute()));
    return figures;
  }

  /// Forgets all batches.
  public void reset() {
    metrics.values().forEach(Metric::reset);
  }
}
