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
public record Comparison(
    QuantizationEngine engine,
    long size,
    long quantizedSize,
    List<Latency> latencies,
    double maxError,
    double meanError) {
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
      int... batchSizes)
      throws IOException {
    for (int batchSize : batchSizes) {
      if (batchSize < 1 || batchSize > data.size(0)) {
        throw new ValueException(
            "a batch of %d cannot be taken from %d inputs".formatted(batchSize, data.size(0)));
      }
    }
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      Tensor difference = forward.apply(model, data).sub(forward.apply(quantized, data)).abs();
      List<Latency> latencies = new ArrayList<>();
      for (int batchSize : batchSizes) {
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
          difference.mean().item());
    }
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
    lines.add("error: max %s, mean %s".formatted(threeDigits(maxError), threeDigits(meanError)));
    return String.join("\n", lines);
  }

  private static String row(String what, String first, String second, String ratio) {
    return "%-16s %12s %12s %8s".formatted(what, first, second, ratio);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.3f ms", value);
  }

  private static String times(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String threeDigits(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
