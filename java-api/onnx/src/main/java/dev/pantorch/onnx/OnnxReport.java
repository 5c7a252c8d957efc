package dev.pantorch.onnx;

import java.util.List;
import java.util.Map;

/// What {@link Onnx#export} has written.
///
/// ```java
/// OnnxReport report = Onnx.export(model, List.of(x), path, o -> o.verify());
/// System.out.println(report.maxDifference());
/// ```
///
/// @param operators how many nodes of each of ONNX's operators there are
/// @param weightBytes how many bytes the constants take
/// @param runs how far ONNX Runtime's outputs were from the module's; empty unless verified
public record OnnxReport(Map<String, Integer> operators, long weightBytes, List<Run> runs) {
  /// One run of the verification.
  ///
  /// @param shapes the shapes of the inputs by their names
  /// @param maxDifference the largest difference: absolute where the module's output is below 1,
  ///   relative above
  public record Run(Map<String, List<Long>> shapes, double maxDifference) {}

  /// How many nodes the graph has.
  ///
  /// @return the number of nodes
  public int nodes() {
    return operators.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// The largest difference of all runs.
  ///
  /// @return the difference, 0 if there was no run
  public double maxDifference() {
    return runs.stream().mapToDouble(Run::maxDifference).max().orElse(0);
  }
}
