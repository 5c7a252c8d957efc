package dev.pantorch.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The options of {@link OnnxOptions#verify}.
///
/// ```java
/// Onnx.export(model, List.of(x), path, o ->
///     o.dynamicAxes("x", Map.of(0, "batch", 1, "time"))
///         .verify(v -> v.tolerance(1e-6).sizes(Map.of("batch", 7L, "time", 33L))));
/// ```
public final class VerifyOptions {
  private static final double TOLERANCE = 1e-5;

  double tolerance = TOLERANCE;
  final List<Map<String, Long>> sizes = new ArrayList<>();
  final List<List<Object>> inputs = new ArrayList<>();

  VerifyOptions() {}

  /// How far outputs may differ: absolutely where the module's output is below 1, relatively above.
  /// 1e-5 unless set.
  ///
  /// @param tolerance the tolerance
  /// @return these options
  public VerifyOptions tolerance(double tolerance) {
    this.tolerance = tolerance;
    return this;
  }

  /// Sizes of the dynamic axes that the model is run with, on inputs made from the example: its
  /// last elements are repeated, and floating-point numbers varied. May be called several times.
  /// Unless it is, and unless {@link #inputs} are given, the axes have a size of 1, and twice the
  /// example's and one more; sizes that the module itself refuses are then left out.
  ///
  /// @param sizes sizes by the axes' names; others are as in the example
  /// @return these options
  public VerifyOptions sizes(Map<String, Long> sizes) {
    this.sizes.add(Map.copyOf(sizes));
    return this;
  }

  /// Inputs that the model is run with. May be called several times.
  ///
  /// @param inputs one set of inputs, of the example's structure
  /// @return these options
  public VerifyOptions inputs(Object... inputs) {
    this.inputs.add(List.of(inputs));
    return this;
  }
}
