package dev.pantorch.quantization;

import dev.pantorch.nn.Module;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What {@link Quantization#compare} measures besides errors.
///
/// ```java
/// Comparison report =
///     Quantization.compare(
///         model, quantized, LSTMModel::forward, x, o -> o.batchSizes(1, 32).metric("F1", each -> f1(each)));
/// ```
///
/// @param <M> the class of the models
public final class CompareOptions<M extends Module> {
  int[] batchSizes = {};
  String metricName = "";
  @Nullable ToDoubleFunction<? super M> metric;

  CompareOptions() {}

  /// The batches that are timed, of the first elements of the data.
  ///
  /// @param batchSizes from 1 to the number of inputs; none unless set
  /// @return these options
  public CompareOptions<M> batchSizes(int... batchSizes) {
    this.batchSizes = batchSizes.clone();
    return this;
  }

  /// What the models are for, measured of both.
  ///
  /// @param name what it is called in the report: `F1`
  /// @param metric from a model to a number
  /// @return these options
  public CompareOptions<M> metric(String name, ToDoubleFunction<? super M> metric) {
    metricName = name;
    this.metric = metric;
    return this;
  }
}
