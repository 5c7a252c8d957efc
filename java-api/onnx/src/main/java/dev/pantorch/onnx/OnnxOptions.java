package dev.pantorch.onnx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The options of {@link Onnx#export}.
///
/// ```java
/// Onnx.export(model, List.of(x), path, o ->
///     o.opset(20).inputNames("x").dynamicAxes("x", Map.of(0, "batch", 1, "time")));
/// ```
public final class OnnxOptions {
  private static final int FIRST_OPSET = 17;
  private static final int LAST_OPSET = 23;

  int opset = 18;
  @Nullable List<String> inputNames;
  @Nullable List<String> outputNames;
  final Map<String, Map<Integer, String>> dynamicAxes = new LinkedHashMap<>();
  final Map<String, Lowering> lowerings = new LinkedHashMap<>();
  final Map<String, String> metadata = new LinkedHashMap<>();

  OnnxOptions() {}

  /// The version of the operator set that is written, from 17 to 23. 18 unless set.
  ///
  /// @param opset the version
  /// @return these options
  /// @throws IllegalArgumentException if it is another
  public OnnxOptions opset(int opset) {
    if (opset < FIRST_OPSET || opset > LAST_OPSET) {
      throw new IllegalArgumentException(
          "opset %d; from %d to %d are written".formatted(opset, FIRST_OPSET, LAST_OPSET));
    }
    this.opset = opset;
    return this;
  }

  /// What the inputs are called. Unless set, as {@link dev.pantorch.jit.TraceOptions#inputNames}
  /// says.
  ///
  /// @param names a name for each input
  /// @return these options
  public OnnxOptions inputNames(String... names) {
    this.inputNames = List.of(names);
    return this;
  }

  /// What the outputs are called. Unless set, `output`, or `output_0`, `output_1`, ...
  ///
  /// @param names a name for each output
  /// @return these options
  public OnnxOptions outputNames(String... names) {
    this.outputNames = List.of(names);
    return this;
  }

  /// Dimensions of an input that may have any size. Those of one name have one size, and outputs'
  /// dimensions that follow a named one get its name. Every other size is the example's.
  ///
  /// @param input the input's name
  /// @param axes names by dimension, counted from 0
  /// @return these options
  /// @throws IllegalArgumentException if a dimension is negative or a name is empty
  public OnnxOptions dynamicAxes(String input, Map<Integer, String> axes) {
    axes.forEach((axis, name) -> {
      if (axis < 0 || name.isEmpty()) {
        throw new IllegalArgumentException(
            "dynamic axis %d named '%s' of '%s'; wanted a dimension from 0 on, and a name"
                .formatted(axis, name, input));
      }
    });
    dynamicAxes.computeIfAbsent(input, key -> new TreeMap<>()).putAll(axes);
    return this;
  }

  /// How an operator is said in ONNX: one that the export does not know, or another way.
  ///
  /// @param operator its name, `aten::atan2`
  /// @param lowering adds its nodes
  /// @return these options
  public OnnxOptions lowering(String operator, Lowering lowering) {
    lowerings.put(operator, lowering);
    return this;
  }

  /// A text that is kept in the file.
  ///
  /// @param key its key
  /// @param value the text
  /// @return these options
  public OnnxOptions metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }
}
