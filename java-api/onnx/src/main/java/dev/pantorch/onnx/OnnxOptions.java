package dev.pantorch.onnx;

import dev.pantorch.jit.TraceOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
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
  String method = "forward";
  @Nullable Function<List<Object>, Object> function;
  boolean externalData;
  @Nullable VerifyOptions verify;
  long mostEmbedded = ExternalWeights.MOST_EMBEDDED;

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

  /// The method of the module that is exported. `forward` unless set.
  ///
  /// @param method the method's name
  /// @return these options
  public OnnxOptions method(String method) {
    this.method = method;
    return this;
  }

  /// What is exported instead of the module's method, where that cannot be found by its name or is
  /// not accessible, or where only part of what it returns is wanted.
  ///
  /// @param function from the inputs to the output
  /// @return these options
  public OnnxOptions function(Function<List<Object>, Object> function) {
    this.function = function;
    return this;
  }

  /// What the inputs are called. Unless set, as {@link dev.pantorch.jit.TraceOptions#inputNames}
  /// says. The tensors of a record, list or map have their own names, which begin with it: a record
  /// `state` gives `state_h` and `state_c`, a list `state_0` and `state_1`.
  ///
  /// @param names a name for each input, or for each tensor in them
  /// @return these options
  public OnnxOptions inputNames(String... names) {
    this.inputNames = List.of(names);
    return this;
  }

  /// What the outputs are called. Unless set, `output`, or `output_0`, `output_1`, ..., and those
  /// of a map by their keys, `output_scores`.
  ///
  /// @param names a name for each tensor that the module returns
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

  /// Whether the weights are kept in a file of their own beside the model's, which is named after
  /// it: `model.onnx.0a1b2c3d.data`. A model that one file cannot hold, of 2 GiB and more, is
  /// written so in any case.
  ///
  /// @param externalData true for a file of their own
  /// @return these options
  public OnnxOptions externalData(boolean externalData) {
    this.externalData = externalData;
    return this;
  }

  /// Has the model checked before its file is there: by the rules of ONNX's own checker, and in
  /// ONNX Runtime, which has to be on the class path and to compute what the module computes.
  ///
  /// @return these options
  public OnnxOptions verify() {
    return verify(v -> {});
  }

  /// The same with options: `o.verify(v -> v.tolerance(1e-6))`.
  ///
  /// @param settings sets the options
  /// @return these options
  public OnnxOptions verify(Consumer<VerifyOptions> settings) {
    VerifyOptions options = new VerifyOptions();
    settings.accept(options);
    this.verify = options;
    return this;
  }

  /// Passes on what the trace has to know.
  TraceOptions configure(TraceOptions trace, int arguments) {
    trace.strict(false);
    trace.method(method);
    if (function != null) trace.function(function);
    if (inputNames != null && inputNames.size() == arguments) {
      trace.inputNames(inputNames.toArray(String[]::new));
    }
    return trace;
  }
}
