package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.internal.Structure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/// Compares what ONNX Runtime computes with what the module computes.
final class Verification {
  private static final long SEED = 0;

  private final Exporter exporter;
  private final ModelInputs inputs;
  private final VerifyOptions options;
  private final List<OnnxReport.Run> runs = new ArrayList<>();

  Verification(Exporter exporter, VerifyOptions options) {
    this.exporter = exporter;
    this.inputs = exporter.inputs();
    this.options = options;
  }

  /// @throws OnnxExportException if outputs differ by more than the tolerance
  List<OnnxReport.Run> run(OnnxSession session) {
    compare(session, inputs.tensors());
    Generator generator = new Generator().manualSeed(SEED);
    for (Map<String, Long> sizes : options.sizes) {
      check(sizes);
      compare(session, inputs.varied(sizes, generator));
    }
    for (List<Object> given : options.inputs) compare(session, Structure.tensors(given));
    if (options.sizes.isEmpty() && options.inputs.isEmpty() && !inputs.exampleSizes().isEmpty()) {
      attempt(session, inputs.varied(all(size -> 1), generator));
      attempt(session, inputs.varied(all(size -> 2 * size + 1), generator));
    }
    return List.copyOf(runs);
  }

  private void check(Map<String, Long> sizes) {
    for (String axis : sizes.keySet()) {
      if (!inputs.exampleSizes().containsKey(axis)) {
        throw new IllegalArgumentException(
            "verify names the axis '%s'; the dynamic axes are %s"
                .formatted(axis, inputs.exampleSizes().keySet()));
      }
    }
  }

  private Map<String, Long> all(LongUnaryOperator size) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    inputs.exampleSizes().forEach((axis, example) -> sizes.put(axis, size.applyAsLong(example)));
    return sizes;
  }

  /// Sizes that nobody asked for may be none that the module takes.
  private void attempt(OnnxSession session, List<Tensor> given) {
    List<Tensor> expected;
    try {
      expected = exporter.run(given);
    } catch (TorchException | IllegalArgumentException refused) {
      return;
    }
    compare(session, given, expected);
  }

  private void compare(OnnxSession session, List<Tensor> given) {
    compare(session, given, exporter.run(given));
  }

  private void compare(OnnxSession session, List<Tensor> given, List<Tensor> expected) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (int i = 0; i < given.size(); i++) {
      named.put(inputs.names().get(i), given.get(i));
      shapes.put(inputs.names().get(i), Arrays.stream(given.get(i).shape()).boxed().toList());
    }
    List<Tensor> actual = session.run(named);
    double most = 0;
    for (int i = 0; i < expected.size(); i++) {
      double difference = difference(actual.get(i), expected.get(i), i, shapes);
      if (!(difference <= options.tolerance)) {
        throw new OnnxExportException(
            "output %d of ONNX Runtime differs by %s from the module's; the tolerance is %s. Inputs: %s"
                .formatted(i, difference, options.tolerance, shapes));
      }
      most = Math.max(most, difference);
    }
    runs.add(new OnnxReport.Run(shapes, most));
  }

  private static double difference(
      Tensor actual, Tensor expected, int index, Map<String, List<Long>> shapes) {
    if (!Arrays.equals(actual.shape(), expected.shape()) || actual.dtype() != expected.dtype()) {
      throw new OnnxExportException(
          "output %d of ONNX Runtime is %s%s, the module's %s%s. Inputs: %s"
              .formatted(
                  index,
                  actual.dtype(),
                  Arrays.toString(actual.shape()),
                  expected.dtype(),
                  Arrays.toString(expected.shape()),
                  shapes));
    }
    return difference(actual, expected);
  }

  /// The largest difference of elements, relative to those above 1; NaN where only one is NaN.
  static double difference(Tensor actual, Tensor expected) {
    if (expected.numel() == 0) return 0;
    Tensor left = actual.to(DType.FLOAT64);
    Tensor right = expected.detach().cpu().to(DType.FLOAT64);
    Tensor same = left.eq(right).logicalOr(left.isnan().logicalAnd(right.isnan()));
    Tensor distance = left.sub(right).abs().div(right.abs().clampMin(1));
    return distance.maskedFill(same, 0).max().item();
  }
}
