package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What {@link Quantization#compare} has measured. As text it is a table.
///
/// ```java
/// Comparison report = Quantization.compare(model, quantized, LSTMModel::forward, x, 1, 32);
/// double faster = report.latencies().getFirst().ratio();
/// ```
///
/// @param engine the engine in use
/// @param size bytes of the file of the float model's state
/// @param quantizedSize bytes of the quantized one's
/// @param latencies for each batch size
/// @param maxError the largest difference between an output of one and of the other
/// @param meanError the mean of the absolute differences
/// @param layers the same of each quantized layer, in the order of the model
/// @param metric what the models are for, null if none was given
public record Comparison(
    QuantizationEngine engine,
    long size,
    long quantizedSize,
    List<Latency> latencies,
    double maxError,
    double meanError,
    List<LayerError> layers,
    @Nullable Metric metric) {
  private static final int WARM_UP = 5;
  private static final int RUNS = 31;

  /// The median time of a forward pass.
  ///
  /// @param batchSize how many inputs at once
  /// @param millis milliseconds of the float model
  /// @param quantizedMillis milliseconds of the quantized one
  public record Latency(int batchSize, double millis, double quantizedMillis) {
    /// How many times as fast the quantized model is.
    ///
    /// @return more than 1 if it is faster
    public double ratio() {
      return millis / quantizedMillis;
    }
  }

  /// How what a quantized layer returns differs from what the layer does in the float model, over
  /// all data. Errors of the layers before it are in it.
  ///
  /// @param path where it is in the model, of several fused layers the first
  /// @param layer what it has become: `QuantizedConvReLU2d`
  /// @param sqnr the ratio of signal to error in decibels, $20 \log_{10}(\|x\| / \|x - x_q\|)$, as
  ///   Python's `compute_sqnr`; infinite without an error
  /// @param maxError the largest difference
  /// @param meanError the mean of the absolute differences
  public record LayerError(
      String path, String layer, double sqnr, double maxError, double meanError) {}

  /// A number of a task, of both models.
  ///
  /// @param name what it is called
  /// @param value of the float model
  /// @param quantizedValue of the quantized one
  public record Metric(String name, double value, double quantizedValue) {}

  /// The size of the quantized model as a part of the float model's.
  ///
  /// @return about a quarter for bytes, half for halves
  public double sizeRatio() {
    return (double) quantizedSize / size;
  }

  static <M extends Module> Comparison measure(
      M model,
      M quantized,
      BiFunction<? super M, ? super Tensor, Tensor> forward,
      Tensor data,
      CompareOptions<M> options)
      throws IOException {
    for (int batchSize : options.batchSizes) {
      if (batchSize < 1 || batchSize > data.size(0)) {
        throw new ValueException(
            "a batch of %d cannot be taken from %d inputs".formatted(batchSize, data.size(0)));
      }
    }
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      List<Tensor> outputs = new ArrayList<>();
      List<LayerError> layers =
          LayerErrors.of(
              model,
              quantized,
              () -> outputs.add(forward.apply(model, data)),
              () -> outputs.add(forward.apply(quantized, data)));
      Tensor difference = outputs.getFirst().sub(outputs.getLast()).abs();
      List<Latency> latencies = new ArrayList<>();
      for (int batchSize : options.batchSizes) {
        Tensor batch = data.narrow(0, 0, batchSize);
        latencies.add(
            new Latency(
                batchSize,
                median(() -> forward.apply(model, batch)),
                median(() -> forward.apply(quantized, batch))));
      }
      return new Comparison(
          Quantization.engine(),
          bytes(model),
          bytes(quantized),
          List.copyOf(latencies),
          difference.max().item(),
          difference.mean().item(),
          layers,
          metric(model, quantized, options));
    }
  }

  private static <M extends Module> @Nullable Metric metric(
      M model, M quantized, CompareOptions<M> options) {
    ToDoubleFunction<? super M> metric = options.metric;
    return metric == null
        ? null
        : new Metric(
            options.metricName, metric.applyAsDouble(model), metric.applyAsDouble(quantized));
  }

  private static double median(Supplier<Tensor> forward) {
    double[] millis = new double[RUNS];
    for (int i = -WARM_UP; i < RUNS; i++) {
      long start = System.nanoTime();
      try (var scope = TensorScope.open()) {
        var _ = forward.get();
      }
      if (i >= 0) millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return millis[RUNS / 2];
  }

  private static long bytes(Module module) throws IOException {
    Path file = Files.createTempFile("pantorch", ".pt");
    try {
      Torch.save(module.stateDict(), file);
      return Files.size(file);
    } finally {
      Files.delete(file);
    }
  }

  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    lines.add(row("engine " + engine, "float", "quantized", "ratio"));
    lines.add(row("bytes on disk", "" + size, "" + quantizedSize, times(sizeRatio())));
    for (Latency each : latencies) {
      lines.add(
          row(
              "batch of " + each.batchSize,
              millis(each.millis),
              millis(each.quantizedMillis),
              times(each.ratio())));
    }
    if (metric != null) {
      lines.add(
          row(
              metric.name,
              fourPlaces(metric.value),
              fourPlaces(metric.quantizedValue),
              String.format(Locale.ROOT, "%+.4f", metric.quantizedValue - metric.value)));
    }
    lines.add("error: max %s, mean %s".formatted(threeDigits(maxError), threeDigits(meanError)));
    if (!layers.isEmpty()) lines.add(row("layer", "SQNR", "max error", "mean"));
    for (LayerError each : layers) {
      lines.add(
          row(
              each.path,
              String.format(Locale.ROOT, "%.1f dB", each.sqnr),
              threeDigits(each.maxError),
              threeDigits(each.meanError)));
    }
    return String.join("\n", lines);
  }

  private static String row(String what, String first, String second, String ratio) {
    return "%-16s %12s %12s %8s".formatted(what, first, second, ratio);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.3f ms", value);
  }

  private static String fourPlaces(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String times(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String threeDigits(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
