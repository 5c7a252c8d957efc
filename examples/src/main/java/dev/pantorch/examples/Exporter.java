package dev.pantorch.examples;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.Module;
import dev.pantorch.onnx.Onnx;
import dev.pantorch.onnx.OnnxOptions;
import dev.pantorch.onnx.OnnxReport;
import dev.pantorch.quantization.Comparison;
import dev.pantorch.quantization.Quantization;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Takes one model everywhere and says what came of it.
///
/// @param example the model
/// @param models where trained models are
/// @param output where a folder of the model's own goes
/// @param python tries the files; null leaves that out
/// @param out where the lines go
/// @param <M> the model's class
record Exporter<M extends Module>(
    Exportable<M> example,
    Path models,
    Path output,
    @Nullable PythonWithTorch python,
    PrintWriter out) {
  private static final int BATCH = 32;
  private static final int STEPS = 12;

  /// A larger difference would be an error and no rounding.
  private static final double INT8_TOLERANCE = 0.5;

  /// Takes the model everywhere.
  ///
  /// @return the figures, `name_figure=value ...`
  String run() throws IOException {
    out.printf("%n%s%n", example.name());
    Path folder = Files.createDirectories(output.resolve(example.name()));
    M model = trained();
    StringBuilder figures = new StringBuilder();
    if (python != null) figures.append(toPythonAndBack(python, model, folder));
    double onnx = toOnnx(model, folder.resolve("model.onnx"), 1e-5);
    figures.append("%s_onnx=%s ".formatted(example.name(), digits(onnx)));
    return figures.append(toBytes(model, folder)).toString();
  }

  private M trained() throws IOException {
    Path checkpoint = models.resolve(example.name()).resolve("model.safetensors");
    if (!Files.exists(checkpoint)) {
      Files.createDirectories(checkpoint.toAbsolutePath().getParent());
      Torch.manualSeed(42);
      example.train(checkpoint);
    }
    M model = example.newModel();
    model.loadStateDict(Safetensors.load(checkpoint));
    model.eval();
    out.printf("  trained: %s%n", checkpoint);
    return model;
  }

  private String toPythonAndBack(PythonWithTorch python, M model, Path folder) throws IOException {
    List<Tensor> inputs = example.inputs(BATCH, STEPS);
    List<Tensor> outputs = Torch.noGrad(() -> example.answer(model, inputs));
    PythonRelay.Result result =
        new PythonRelay<>(example, python, folder).run(model.stateDict(), inputs, outputs);
    out.printf(
        "  model.pt in Python: %d answers, largest difference %s%n",
        outputs.stream().mapToLong(Tensor::numel).sum(), digits(result.answers()));
    out.printf(
        "  %1$d steps of training here, %1$d in Python, %1$d here: largest difference to the"
            + " weights after %2$d steps here: %3$s%n",
        PythonRelay.STEPS, 3 * PythonRelay.STEPS, digits(result.weights()));
    return "%1$s_python=%2$s %1$s_resumed=%3$s "
        .formatted(example.name(), digits(result.answers()), digits(result.weights()));
  }

  /// @return the largest difference of an answer in ONNX Runtime
  private double toOnnx(M model, Path file, double tolerance) throws IOException {
    OnnxReport report =
        Onnx.export(model, example.inputs(BATCH, STEPS), file, o -> describe(o, tolerance));
    out.printf(
        Locale.ROOT,
        "  %s: %d nodes, %d KiB; in ONNX Runtime, %s: largest difference %s%n",
        file.getFileName(),
        report.nodes(),
        Files.size(file) >> 10,
        report.runs().stream()
            .map(run -> run.shapes().values().iterator().next())
            .map(shape -> shape.get(0) + " x " + shape.get(1))
            .collect(Collectors.joining(", ")),
        digits(report.maxDifference()));
    return report.maxDifference();
  }

  private void describe(OnnxOptions options, double tolerance) {
    options
        .inputNames(example.axes().stream().map(Map.Entry::getKey).toArray(String[]::new))
        .outputNames(example.outputNames().toArray(String[]::new));
    example.axes().forEach(input -> options.dynamicAxes(input.getKey(), input.getValue()));
    options.verify(v -> {
      v.tolerance(tolerance);
      for (int[] sizes : new int[][] {{1, 1}, {1, 30}, {7, 5}, {64, 21}}) {
        v.inputs(example.inputs(sizes[0], sizes[1]).toArray());
      }
    });
  }

  private String toBytes(M model, Path folder) throws IOException {
    M quantized = Quantization.quantizeDynamic(model, example::newModel);
    // ONNX Runtime quantizes the states of an LSTM in a way of its own.
    double onnx = toOnnx(quantized, folder.resolve("model-int8.onnx"), INT8_TOLERANCE);
    // The tables of words, where there are some.
    Quantization.quantizeDynamic_(quantized, o -> o.dtype(DType.QUINT8));
    Torch.save(quantized.stateDict(), folder.resolve("model-int8.pt"));
    Comparison comparison =
        Quantization.compare(
            model,
            quantized,
            (either, first) -> example.answer(either, example.inputs(first)).getFirst(),
            example.inputs(64, STEPS).getFirst(),
            o -> o.batchSizes(1, 8, 64).metric("F1", example::f1));
    Comparison.Metric f1 = Objects.requireNonNull(comparison.metric());
    out.print(comparison.toString().indent(2));
    return String.format(
        Locale.ROOT,
        "%1$s_int8_onnx=%2$s %1$s_size=%3$.3f %1$s_f1=%4$.4f %1$s_int8_f1=%5$.4f",
        example.name(),
        digits(onnx),
        comparison.sizeRatio(),
        f1.value(),
        f1.quantizedValue());
  }

  static String digits(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
  }
}
